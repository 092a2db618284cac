import { addressOf } from '../history.ts'
import type { Evidence, Violation } from './evidence.ts'

/** I6: nobody is signed in without exactly one code that was right, of the same verification and address. */
export function signInOrigins({ people, rows }: Evidence): Violation[] {
  const answered = people.flatMap(({ who, operations }) =>
    operations
      .filter(({ outcome }) => outcome.state === 'signed_in')
      .filter((operation) => {
        const hasGuessed = operations.some(
          ({ action, guess, invokedAtMs }) =>
            action === 'verify' && guess !== 'wrong' && invokedAtMs <= operation.completedAtMs,
        )
        return !hasGuessed || operation.outcome.email !== addressOf(who) || operation.guess === 'wrong'
      })
      .map(
        (operation): Violation => ({
          invariant: 'I6',
          who,
          what: `signed in as ${operation.outcome.email} without a right code of that address`,
          operations: [operation],
        }),
      ),
  )
  const verifications = new Map(rows.verifications.map((row) => [row.id, row]))
  const owners = new Map(people.map(({ who }) => [addressOf(who), who]))
  const signedIn = new Set(rows.signIns.map(({ verificationId }) => verificationId))
  const stored = rows.signIns.flatMap(({ id, verificationId, email }): Violation[] => {
    const verification = verifications.get(verificationId)
    if (verification?.state === 'verified' && verification.email === email) return []
    const what = `sign-in ${id} does not come from a verified verification of ${email}`
    return [{ invariant: 'I6', ...whoOwns(owners.get(email)), what, operations: [] }]
  })
  const halves = rows.verifications.flatMap(({ id, state, email }): Violation[] => {
    if (state !== 'verified' || signedIn.has(id)) return []
    const what = `verification ${id} was verified and has no sign-in`
    return [{ invariant: 'I6', ...whoOwns(owners.get(email)), what, operations: [] }]
  })
  return [...answered, ...stored, ...halves]
}

function whoOwns(who: string | undefined): { who?: string } {
  return who === undefined ? {} : { who }
}
