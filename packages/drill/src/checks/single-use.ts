import { type Evidence, type Violation, verificationIdOf } from './evidence.ts'

/** I3: a code succeeds at most once ever: whoever repeats it arrives at the same sign-in. */
export function singleUse({ people, rows }: Evidence): Violation[] {
  const made = new Map(rows.signedIn.map(({ signInId, times }) => [signInId, times]))
  return people.flatMap((person): Violation[] => {
    const successes = Map.groupBy(
      person.operations.filter(({ action, kind }) => action === 'verify' && kind === 'ok'),
      ({ guess = '' }) => verificationIdOf(guess),
    )
    const answered = [...successes.values()]
      .filter((operations) => new Set(operations.map(({ outcome }) => outcome.signInId)).size > 1)
      .map((operations) => ({ what: 'one code led to several sign-ins', operations }))
    const stored = person.verifications
      .filter(({ id }) => person.signIns.filter(({ verificationId }) => verificationId === id).length > 1)
      .map(({ id }) => ({ what: `verification ${id} has several sign-ins in the store`, operations: [] }))
    const repeated = person.signIns
      .filter(({ id }) => (made.get(id) ?? 0) > 1)
      .map(({ id }) => ({ what: `sign-in ${id} was made several times, as the ledger says`, operations: [] }))
    return [...answered, ...stored, ...repeated].map((found) => ({
      invariant: 'I3',
      who: person.who,
      ...found,
    }))
  })
}
