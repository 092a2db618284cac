import { defineConfig } from 'vitest/config'

// All packages are tested at once, on a machine that may have two cores: the timeouts are for hanging, not for
// slowness.
export default defineConfig({
  test: { testTimeout: 300_000, hookTimeout: 300_000 },
})
