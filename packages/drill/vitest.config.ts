import { defineConfig } from 'vitest/config'

// Real processes on a machine that may have two cores and other work: the timeouts are for hanging, not for
// slowness.
export default defineConfig({
  test: { testTimeout: 300_000, hookTimeout: 300_000, maxWorkers: 2 },
})
