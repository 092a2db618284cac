import { db, prepared } from '@holdfast/store'

/** Takes a try, unless this is the code that was accepted: sending that one again is no guess. */
export const takeRepetition = prepared((values: { verificationId: string; mac: string }) =>
  db
    .updateTable('verifications')
    .set(({ eb, ref }) => ({
      attempts: eb
        .case()
        .when('acceptedMac', '=', values.mac)
        .then(ref('attempts'))
        .else(eb('attempts', '+', 1))
        .end(),
    }))
    .where('id', '=', values.verificationId)
    .where('state', '=', 'verified')
    .whereRef('attempts', '<', 'maxAttempts')
    .returning('acceptedMac'),
)

/** Once, however often the answer is asked for again: nobody fills the disk with repetitions. */
export const recordRepetition = prepared(
  (values: { verificationId: string; signInId: string; kid: string; nowMs: number }) =>
    db
      .insertInto('ledger')
      .columns(['atMs', 'event', 'verificationId', 'signInId', 'kid'])
      .expression(
        db
          .selectFrom('signIns')
          .select(({ val, ref }) => [
            val(values.nowMs).as('atMs'),
            val('sign_in_repeated').as('event'),
            val(values.verificationId).as('verificationId'),
            ref('signIns.id').as('signInId'),
            val(values.kid).as('kid'),
          ])
          .where('signIns.id', '=', values.signInId)
          .where(({ not, exists, selectFrom }) =>
            not(
              exists(
                selectFrom('ledger')
                  .select('ledger.id')
                  .where('ledger.signInId', '=', values.signInId)
                  .where('ledger.event', '=', 'sign_in_repeated'),
              ),
            ),
          ),
      ),
)
