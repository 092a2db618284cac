import { defineConfig } from 'vitest/config'

// Real processes on a machine that may have two cores and other work: the timeouts are for hanging, not for
// slowness.
export default defineConfig({
  test: {
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 90_000 } },
    maxWorkers: 2,
    globalSetup: './src/unpack-browser.ts',
  },
})
