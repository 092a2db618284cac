import type { KeyRing } from '@holdfast/core'
import type { Store } from '../store/store.ts'
import { db } from '../store/tables.ts'
import type { HttpMiddleware } from './http-context.ts'
import { currentSession, saveSession } from './session.ts'

/**
 * A session whose token was signed with an older key gets a new token and a new seal under the key that
 * signs now, so that the older key can be retired one day. koa's own cookies would re-sign and lose every
 * attribute. (security.md 0.6)
 */
export function reissue(options: { keyRing: () => KeyRing; store: Store }): HttpMiddleware {
  return async function reissueOlderToken(ctx, next) {
    const { presented } = ctx.state
    const kid = options.keyRing().signingKid
    if (presented.ok && presented.kid !== kid && !currentSession(ctx).isNew) {
      await options.store.write(
        db.updateTable('signIns').set({ kid }).where('sessionKey', '=', presented.sessionKey),
      )
      await saveSession(ctx)
    }
    await next()
  }
}
