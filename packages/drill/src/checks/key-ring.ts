import type { Evidence, Violation } from './evidence.ts'

/** I7: the key ring can be read at any time, stays the same ring, and has each key of a cookie that was given out. */
export function keyRing({ operations }: Evidence): Violation[] {
  const looks = operations.filter(({ action }) => action === 'list-keys')
  const ringId = looks.find(({ kind }) => kind === 'ok')?.outcome.ringId
  return looks.flatMap((look): Violation[] => {
    const violation = (what: string): Violation => ({ invariant: 'I7', what, operations: [look] })
    if (look.kind !== 'ok') return [violation(`the key ring could not be read: ${look.outcome.code}`)]
    if (look.outcome.ringId !== ringId)
      return [violation(`ring ${look.outcome.ringId} in the place of ${ringId}`)]
    const kids = new Set(look.outcome.kids)
    const needed = operations
      .filter(
        ({ completedAtMs, outcome }) => completedAtMs <= look.invokedAtMs && outcome.cookie !== 'removed',
      )
      .flatMap(({ outcome }) => outcome.cookie ?? [])
    const missing = [...new Set(needed)].filter((kid) => !kids.has(kid))
    return missing.map((kid) => violation(`key ${kid}, of a cookie that was given out, is not in the ring`))
  })
}
