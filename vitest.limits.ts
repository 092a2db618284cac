/**
 * How long a test of any package may take. All packages are tested at once, on a machine that may have two cores: this
 * is for hanging, not for slowness.
 */
export const limits = { testTimeout: 300_000, hookTimeout: 300_000 }
