import type { Pulse } from '@holdfast/page-data/dev'
import { db } from '@holdfast/store'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'
import type { DevServer } from './dev-state.ts'

/** `GET /dev/pulse`: which process answers, and by what the pages see whether anything is new. Asked for each second. */
export function devPulse({ store }: SignInContext, { startedAtMs }: DevServer) {
  const newest = db.selectNoFrom((newest) => [
    newest
      .selectFrom('ledger')
      .select(({ fn }) => fn.max('id').as('id'))
      .as('entry'),
    newest
      .selectFrom('devMails')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .as('mails'),
    newest
      .selectFrom('devMails')
      .select(({ fn }) => fn.max('atMs').as('atMs'))
      .as('mailAtMs'),
  ])
  return async function handleDevPulse(ctx: HttpContext): Promise<void> {
    const [found] = await store.read(newest)
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      server: { pid: process.pid, startedAt: new Date(startedAtMs).toISOString() },
      entry: found?.entry ?? 0,
      mail: `${found?.mails ?? 0} ${found?.mailAtMs ?? 0}`,
    } satisfies Pulse
  }
}
