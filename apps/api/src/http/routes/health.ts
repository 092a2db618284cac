import { db, type Store } from '@holdfast/store'
import type { HttpContext } from '../http-context.ts'

/** `GET /healthz`: the process answers. */
export async function healthz(ctx: HttpContext): Promise<void> {
  ctx.body = { status: 'ok' }
}

export interface ReadinessOptions {
  store: Store
  clock: () => number
  isDraining: () => boolean
}

/** `GET /readyz`: the store writes and reads, and the server is not on its way out; 503 otherwise. */
export function readyz({ store, clock, isDraining }: ReadinessOptions) {
  return async function handleReadyz(ctx: HttpContext): Promise<void> {
    const isReady = !isDraining() && (await storeHolds(store, clock()))
    ctx.status = isReady ? 200 : 503
    if (!isReady) ctx.set('Retry-After', '2')
    ctx.body = { status: isReady ? 'ready' : isDraining() ? 'draining' : 'store unavailable' }
  }
}

async function storeHolds(store: Store, nowMs: number): Promise<boolean> {
  const value = String(nowMs)
  try {
    await store.write(
      db
        .insertInto('meta')
        .values({ key: 'readiness', value })
        .onConflict((conflict) => conflict.column('key').doUpdateSet({ value })),
    )
    const [row] = await store.read(db.selectFrom('meta').select('value').where('key', '=', 'readiness'))
    return row !== undefined
  } catch {
    return false
  }
}
