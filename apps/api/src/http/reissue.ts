import type { KeyRing } from '@holdfast/core'
import type { HttpMiddleware } from './http-context.ts'
import { currentSession, saveSession } from './session.ts'
import type { IssueToken } from './token-issuer.ts'

/**
 * A session whose token was signed with an older key gets a new token and a new seal under the key that
 * signs now, so that the older key can be retired one day. koa's own cookies would re-sign and lose every
 * attribute. So does a session whose blob another process has sealed with an older key. The sign-in counts as
 * moved to the new key only once the new token has come back; a client that goes on without it, such as a proxy
 * that keeps the cookie to itself, is told again and nothing is written for it.
 */
export function reissue(options: { keyRing: () => KeyRing; issueToken: IssueToken }): HttpMiddleware {
  return async function reissueOlderToken(ctx, next) {
    const { presented } = ctx.state
    const { signingKid } = options.keyRing()
    if (presented.ok && !currentSession(ctx).isNew) {
      const { kid = signingKid } = currentSession(ctx)
      if (kid !== signingKid) await saveSession(ctx)
      else if (presented.kid !== signingKid) options.issueToken(ctx, presented.sessionId)
    }
    await next()
  }
}
