import { db } from '@holdfast/store'
import { sql } from 'kysely'

/** What an update of sign-ins returns of each one that it has ended, to tell it by. */
export const endedSignIn = [
  sql.ref<string>('id').as('signInId'),
  sql.ref<string>('kid').as('kid'),
  ofItsVerification('reference').as('reference'),
  ofItsVerification('email').as('email'),
] as const

function ofItsVerification(column: 'reference' | 'email') {
  return sql<string>`${db
    .selectFrom('verifications')
    .select(column)
    .whereRef('verifications.id', '=', sql.ref('signIns.verificationId'))}`
}
