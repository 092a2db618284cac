import { type KeyRing, sessionKeyOf, signSessionToken } from '@holdfast/core'
import type { HttpContext } from './http-context.ts'
import type { SessionCookie } from './session-cookie.ts'

export interface TokenIssuerOptions {
  keyRing: () => KeyRing
  cookie: SessionCookie
  maxAgeMs: number
}

export type IssueToken = (ctx: HttpContext, sessionId: string) => void

/** Names a session to the client: signed with the key that signs now, as a cookie with every attribute or as a token. */
export function createTokenIssuer({ keyRing, cookie, maxAgeMs }: TokenIssuerOptions): IssueToken {
  return function issueToken(ctx, sessionId) {
    const token = signSessionToken(keyRing(), sessionId)
    const { transport } = ctx.state.presented
    ctx.state.token = token
    ctx.state.presented = {
      ok: true,
      sessionId,
      sessionKey: sessionKeyOf(sessionId),
      kid: keyRing().signingKid,
      transport,
    }
    if (transport === 'bearer') ctx.remove('Set-Cookie')
    else ctx.cookies.set(cookie.name, token, { ...cookie.options, maxAge: maxAgeMs })
  }
}
