import type { KeyRing } from '@holdfast/core'
import type { HttpMiddleware } from './http-context.ts'
import { currentSession, saveSession } from './session.ts'

/**
 * A session whose token was signed with an older key gets a new token and a new seal under the key that
 * signs now, so that the older key can be retired one day. koa's own cookies would re-sign and lose every
 * attribute. The sign-in counts as moved to the new key only once the new token has come back.
 */
export function reissue(options: { keyRing: () => KeyRing }): HttpMiddleware {
  return async function reissueOlderToken(ctx, next) {
    const { presented } = ctx.state
    const isOlder = presented.ok && presented.kid !== options.keyRing().signingKid
    if (isOlder && !currentSession(ctx).isNew) await saveSession(ctx)
    await next()
  }
}
