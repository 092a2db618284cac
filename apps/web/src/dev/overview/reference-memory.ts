import type { ReferenceMemory } from './overview.svelte.ts'

const name = 'holdfast-last-reference'

/** Kept in the browser. One that keeps nothing remembers nothing. */
export function createReferenceMemory(storage: () => Storage): ReferenceMemory {
  return {
    read() {
      try {
        return storage().getItem(name) ?? ''
      } catch {
        return ''
      }
    },
    keep(reference) {
      try {
        storage().setItem(name, reference)
      } catch {}
    },
  }
}
