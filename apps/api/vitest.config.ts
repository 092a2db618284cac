import { defineConfig } from 'vitest/config'

// For hanging, not for slowness: every test here takes milliseconds, but for one that waits for a deadline.
export default defineConfig({ test: { testTimeout: 20_000, hookTimeout: 20_000 } })
