import { generationOf, type KeyRing, sessionKeyOf, verifySessionToken } from '@holdfast/core'
import { rememberGood } from '../remember.ts'
import type { HttpContext, PresentedSession, Transport } from './http-context.ts'
import { readCookieValues } from './session-cookie.ts'

export interface PresentedSessionOptions {
  cookieName: string
  keyRing: KeyRing
  generation: string
}

const verifyToken = rememberGood(verifySessionToken)

/** Reads which session a request names, by bearer token or by cookie, without asking the store. */
export function readPresentedSession(ctx: HttpContext, options: PresentedSessionOptions): PresentedSession {
  const bearer = bearerOf(ctx)
  if (bearer !== undefined) return checkToken(bearer, 'bearer', options)
  const values = readCookieValues(ctx.get('Cookie'), options.cookieName)
  const [only, ...others] = values
  if (only === undefined) return { ok: false, reason: 'cookie_missing', transport: 'cookie' }
  if (others.length === 0) return checkToken(only, 'cookie', options)
  // Two cookies of one name: a stale one is harmless, two good ones could be a fixation attempt.
  const good = values.map((value) => checkToken(value, 'cookie', options)).filter((check) => check.ok)
  return good.length === 1 && good[0] !== undefined
    ? good[0]
    : { ok: false, reason: 'cookie_malformed', transport: 'cookie' }
}

/** What a request presents as its bearer token, good or not. Another scheme is a proxy's own affair. */
export function bearerOf(ctx: HttpContext): string | undefined {
  return /^Bearer\b *(.*)$/i.exec(ctx.get('Authorization'))?.[1]
}

function checkToken(token: string, transport: Transport, options: PresentedSessionOptions): PresentedSession {
  const check = verifyToken(options.keyRing, token)
  if (!check.ok) return { ...check, transport }
  if (generationOf(check.sessionId) !== options.generation) {
    return { ok: false, reason: 'store_replaced', transport }
  }
  return { ...check, sessionKey: sessionKeyOf(check.sessionId), transport }
}
