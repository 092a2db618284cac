import type { DevState } from '@holdfast/page-data/dev'
import type { Fact } from '../fact.ts'
import { untilOf } from '../times.ts'

/** What the server makes of the session that this browser presents. */
export function sessionFacts({ session: { presented, reason, view } }: DevState, nowMs: number): Fact[] {
  const carried: Fact[] =
    presented === null
      ? [{ name: 'Presented', value: 'nothing that holds' }]
      : [
          { name: 'Presented', value: `a ${presented.transport}` },
          { name: 'Signed with', value: presented.kid, isCode: true },
        ]
  switch (view.state) {
    case 'anonymous':
      return reason === null ? carried : [...carried, { name: 'Reason', value: reason, isCode: true }]
    case 'code_sent': {
      const { email, attemptsLeft, sends, delivery, expiresAt } = view.verification
      return [
        { name: 'Address', value: email },
        { name: 'Delivery', value: delivery },
        { name: 'Tries left', value: String(attemptsLeft) },
        { name: 'Codes sent', value: String(sends) },
        { name: 'Expires', value: untilOf(expiresAt, nowMs) },
        ...carried,
      ]
    }
    case 'signed_in':
      return [
        { name: 'Address', value: view.account.email },
        { name: 'Expires', value: untilOf(view.signIn.expiresAt, nowMs) },
        ...carried,
        { name: 'Sign-in', value: view.signIn.id, isCode: true },
      ]
  }
}
