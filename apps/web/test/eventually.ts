import { vi } from 'vitest'

/** Resolves once the assertion holds. The time is for hanging, not for slowness. */
export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 120_000 })
}
