import type { KeyRing } from '@holdfast/core'
import { LRUCache } from 'lru-cache'

const most = 10_000

/**
 * Remembers the good answers of a pure function of a key ring and a text, the ten thousand used last. A MAC or
 * a seal that was checked a moment ago need not be checked again byte for byte: the same text under the same
 * ring has the same answer. Another ring starts with an empty memory, so a revoked key is forgotten with it.
 */
export function rememberGood<Answer extends { ok: boolean }>(
  answer: (ring: KeyRing, text: string) => Answer,
): (ring: KeyRing, text: string) => Answer {
  const memories = new WeakMap<KeyRing, LRUCache<string, Answer>>()
  return function remembered(ring, text) {
    let memory = memories.get(ring)
    if (memory === undefined) {
      memory = new LRUCache({ max: most })
      memories.set(ring, memory)
    }
    const known = memory.get(text)
    if (known !== undefined) return known
    const found = answer(ring, text)
    if (found.ok) memory.set(text, found)
    return found
  }
}
