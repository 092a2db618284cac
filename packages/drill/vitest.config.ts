import { defineConfig } from 'vitest/config'
import { limits } from '../../vitest.limits.ts'

// Each test starts processes of its own: more at once only wait for each other.
export default defineConfig({ test: { ...limits, maxWorkers: 2 } })
