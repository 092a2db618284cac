import type { Evidence, Violation } from './evidence.ts'

/** I2: what was signed out, and acknowledged, never comes back: not by a cookie, not by its code, not in the store. */
export function endedSessions({ people }: Evidence): Violation[] {
  return people.flatMap((person): Violation[] => {
    const { who, signOutDoneAtMs } = person
    if (signOutDoneAtMs === Number.POSITIVE_INFINITY) return []
    const back = person.operations
      .filter(
        ({ kind, invokedAtMs, outcome }) =>
          kind === 'ok' && invokedAtMs >= signOutDoneAtMs && outcome.state === 'signed_in',
      )
      .map(
        (operation): Violation => ({
          invariant: 'I2',
          who,
          what: `signed in again by ${operation.action} with the cookies of ${operation.browser}`,
          operations: [operation],
        }),
      )
    const alive = person.signIns
      .filter(({ endedAtMs }) => endedAtMs === null)
      .map(
        ({ id }): Violation => ({
          invariant: 'I2',
          who,
          what: `the sign-in ${id} is alive in the store`,
          operations: person.operations.filter(({ action, kind }) => action === 'logout' && kind === 'ok'),
        }),
      )
    return [...back, ...alive]
  })
}
