import { defineConfig, mergeConfig } from 'vitest/config'
import page from './vite.config.ts'

// All packages are tested at once, on a machine that may have two cores: the timeouts are for hanging, not for
// slowness.
export default defineConfig((environment) =>
  mergeConfig(page(environment), { test: { testTimeout: 300_000, hookTimeout: 300_000 } }),
)
