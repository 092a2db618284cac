import type { DevState } from '../dev-server.ts'
import { untilOf } from '../times.ts'

/** What the server makes of the session that this browser presents, as names and values. */
export function sessionFacts(
  { session: { presented, reason, view } }: DevState,
  nowMs: number,
): [name: string, value: string, isCode?: boolean][] {
  const carried: [string, string, boolean?][] =
    presented === null
      ? [['Presented', 'nothing that holds']]
      : [
          ['Presented', `a ${presented.transport}`],
          ['Signed with', presented.kid, true],
        ]
  switch (view.state) {
    case 'anonymous':
      return [
        ...carried,
        ...(reason === null ? [] : ([['Reason', reason, true]] as [string, string, boolean][])),
      ]
    case 'code_sent': {
      const { email, attemptsLeft, sends, delivery, expiresAt } = view.verification
      return [
        ['Address', email],
        ['Delivery', delivery],
        ['Tries left', String(attemptsLeft)],
        ['Codes sent', String(sends)],
        ['Expires', untilOf(expiresAt, nowMs)],
        ...carried,
      ]
    }
    case 'signed_in':
      return [
        ['Address', view.account.email],
        ['Expires', untilOf(view.signIn.expiresAt, nowMs)],
        ...carried,
        ['Sign-in', view.signIn.id, true],
      ]
  }
}
