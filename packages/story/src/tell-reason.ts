import type { Reason } from '@holdfast/core'

const words: Record<Reason, string> = {
  cookie_missing: 'no cookie came with it',
  cookie_malformed: 'its cookie or token was none of ours',
  signature_invalid: 'its cookie or token was not signed by us',
  key_unknown: 'its key is not in the key ring',
  key_revoked: 'its key was revoked',
  session_unknown: 'its session is not in the store',
  store_replaced: 'it was made for another store',
  session_expired: 'the longest time of a sign-in was over (SESSION_ABSOLUTE_SECONDS)',
  idle_timeout: 'the sign-in was not used for too long (SESSION_IDLE_SECONDS)',
  signed_out: 'it had signed out',
  ended_by_user: 'the person ended it from another browser',
  ended_by_operator: 'an operator ended it',
  verification_expired: 'its codes had expired',
  verification_exhausted: 'all tries were spent',
  verification_cancelled: 'it was cancelled',
  verification_used: 'its code had been used',
  never_started: 'no code had been asked for',
}

/** A reason of the closed list in the words of an operator. */
export function tellReason(reason: string | null, kid: string | null): string {
  const told = reason !== null && reason in words ? words[reason as Reason] : (reason ?? 'no reason recorded')
  const isAboutKey = reason === 'key_revoked' || reason === 'key_unknown'
  return isAboutKey && kid !== null ? told.replace('its key', `key ${kid}`) : told
}
