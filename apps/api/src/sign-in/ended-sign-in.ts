import { db } from '@holdfast/store'
import { sql } from 'kysely'
import type { TellEvent } from './authentication-event.ts'
import { referenceOf } from './reference-of.ts'

/** What an update of sign-ins returns of each one that it has ended, to tell it by. */
export const endedSignIn = [
  sql.ref<string>('id').as('signInId'),
  sql.ref<string>('kid').as('kid'),
  sql<string>`${db
    .selectFrom('accounts')
    .select('email')
    .whereRef('accounts.id', '=', sql.ref('signIns.accountId'))}`.as('email'),
  referenceOf(sql.ref<string>('signIns.verificationId')).as('reference'),
] as const

export interface EndedSignIn {
  signInId: string
  kid: string
  email: string
  reference: string | null
}

export function tellEnded(
  tell: TellEvent,
  event: 'signed out' | 'sign-in ended',
  ended: readonly EndedSignIn[],
  more: Record<string, string> = {},
): void {
  for (const { signInId, reference, ...subject } of ended) {
    tell(event, { ...subject, ...(reference === null ? {} : { reference }) }, { ...more, signInId })
  }
}
