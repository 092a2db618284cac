import { defineConfig } from 'vitest/config'

// Each test starts the tool as a process, some a server too: the timeouts are for hanging, not for slowness.
export default defineConfig({
  test: { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 2 },
})
