import { countKeyUse, db, describeKeyUse, isLiveSignIn } from '@holdfast/store'
import { isoTime, spanOf } from '@holdfast/story'
import { type Finding, fine } from './finding.ts'
import type { Patient } from './patient.ts'

/** What would be lost right now by removing a key, and by losing the file. */
export async function checkLoss({ store, nowMs, idleMs, settings }: Patient): Promise<Finding[]> {
  const at = { nowMs, idleMs }
  const [uses, [accounts], [signIns], [verifications]] = await Promise.all([
    countKeyUse(store, at),
    store.read(db.selectFrom('accounts').select(({ fn }) => fn.countAll<number>().as('count'))),
    store.read(
      db
        .selectFrom('signIns')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('authTimeMs').as('oldestMs')])
        .where(isLiveSignIn(at)),
    ),
    store.read(
      db
        .selectFrom('verifications')
        .select(({ fn }) => [fn.countAll<number>().as('count'), fn.min('createdAtMs').as('oldestMs')])
        .where('state', '=', 'pending')
        .where('expiresAtMs', '>', nowMs),
    ),
  ])
  const counts = {
    accounts: accounts?.count ?? 0,
    signIns: signIns?.count ?? 0,
    verifications: verifications?.count ?? 0,
  }
  return [
    ...uses.map((use) =>
      fine(
        `key ${use.kid}`,
        `removing it would end ${describeKeyUse(use)}; needed until ${isoTime(use.untilMs)}`,
        {
          ...use,
        },
      ),
    ),
    fine(
      'the file',
      `losing ${settings.storePath} would lose accounts: ${counts.accounts}, live sign-ins: ${counts.signIns}, verifications under way: ${counts.verifications}`,
      counts,
    ),
    fine('oldest sign-in', ageOf(signIns?.oldestMs, nowMs, 'nobody is signed in')),
    fine('oldest code', ageOf(verifications?.oldestMs, nowMs, 'no verification is under way')),
  ]
}

function ageOf(oldestMs: number | null | undefined, nowMs: number, none: string): string {
  return oldestMs == null ? none : `${spanOf(nowMs - oldestMs)} (since ${isoTime(oldestMs)})`
}
