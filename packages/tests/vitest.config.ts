import { defineConfig } from 'vitest/config'
import { limits } from '../../vitest.limits.ts'

export default defineConfig({
  test: {
    ...limits,
    expect: { poll: { timeout: 90_000 } },
    // Each test starts processes of its own: more at once only wait for each other.
    maxWorkers: 2,
    globalSetup: './src/unpack-browser.ts',
  },
})
