import { defineConfig, mergeConfig } from 'vitest/config'
import { limits } from '../../vitest.limits.ts'
import page from './vite.config.ts'

export default defineConfig((environment) => mergeConfig(page(environment), { test: limits }))
