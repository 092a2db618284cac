import type { Reason } from '@holdfast/core'
import { db, prepared, signInEndEntries } from '@holdfast/store'
import { endedSignIn, tellEnded } from './ended-sign-in.ts'
import type { SignInContext } from './sign-in-context.ts'

interface Ending {
  signInId: string
  /** Whose sign-in it must be. */
  accountId: string
}

const ofAccount = prepared((ending: Ending) => unendedOrEnded(ending).select('signIns.id'))

const recordEnded = prepared((values: Ending & { nowMs: number; reason: Reason }) =>
  signInEndEntries(unendedOrEnded(values).where('signIns.endedAtMs', 'is', null), {
    atMs: values.nowMs,
    event: 'sign_in_ended',
    reason: values.reason,
  }),
)

const endOne = prepared((values: Ending & { nowMs: number }) =>
  db
    .updateTable('signIns')
    .set({ endedAtMs: values.nowMs, endReason: 'ended_by_user' })
    .where('id', '=', values.signInId)
    .where('accountId', '=', values.accountId)
    .where('endedAtMs', 'is', null)
    .returning(endedSignIn),
)

/**
 * Ends one sign-in of an account, durably; doing it twice changes nothing. False when the account has no such
 * sign-in.
 */
export async function endSignIn(context: SignInContext, ending: Ending): Promise<boolean> {
  const [found] = await context.store.read(ofAccount(ending))
  if (found === undefined) return false
  const nowMs = context.clock()
  const reason = 'ended_by_user'
  const [, ended] = await context.store.write(
    recordEnded({ ...ending, nowMs, reason }),
    endOne({ ...ending, nowMs }),
  )
  tellEnded(context.tell, 'sign-in ended', ended, { reason })
  return true
}

function unendedOrEnded({ signInId, accountId }: Ending) {
  return db
    .selectFrom('signIns')
    .where('signIns.id', '=', signInId)
    .where('signIns.accountId', '=', accountId)
}
