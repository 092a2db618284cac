import { createSessionId, type KeyRing, sessionKeyOf } from '@holdfast/core'
import type Koa from 'koa'
import createKoaSession from 'koa-session'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import type { SessionBlobs } from '../session-blobs.ts'
import type { HttpContext, HttpExtras, HttpMiddleware, HttpState } from './http-context.ts'
import { readPresentedSession } from './presented-session.ts'
import { type SessionCookie, writeCookiesAs } from './session-cookie.ts'
import type { IssueToken } from './token-issuer.ts'

export interface SessionOptions extends KeyRingAccess {
  blobs: SessionBlobs
  /** Told of each token that names a key, and whether that key had signed it. */
  onTokenChecked: (kid: string, isGood: boolean) => void
  generation: string
  cookie: SessionCookie
  maxAgeMs: number
  issueToken: IssueToken
}

/**
 * koa-session with our own name for the session: one token, signed with a key that it names, in a cookie or
 * as a bearer token. Nothing is saved by itself after a request (`autoCommit` is off): koa-session would
 * save after an error too, and write again what was just written. `saveSession`, `renewSession` and
 * `removeSession` are the only ways to change a session.
 */
export function session(app: Koa<HttpState, HttpExtras>, options: SessionOptions): HttpMiddleware[] {
  const { blobs, cookie, generation, keyRing, maxAgeMs } = options
  const koaSession = createKoaSession(
    {
      key: cookie.name,
      ...cookie.options,
      maxAge: maxAgeMs,
      autoCommit: false,
      genid: ({ state }: HttpContext) =>
        state.nextSessionId ?? state.begunSessionId ?? createSessionId(generation),
      externalKey: {
        get: (ctx: HttpContext) => (ctx.state.presented.ok ? ctx.state.presented.sessionId : ''),
        set: options.issueToken,
      },
      store: {
        async get(sessionId: string, _maxAge: number, { ctx }: { ctx?: HttpContext }) {
          const found = await blobs.get(sessionId)
          if (found.ok) return found.blob
          if (ctx !== undefined) ctx.state.reason = found.reason
          return undefined
        },
        async set(sessionId: string, blob: object, _maxAge: number, { ctx }: { ctx?: HttpContext }) {
          const replaced = ctx?.state.replacedSessionId
          // Asked for in one turn, so that the old session goes with the commit that brings the new one.
          if (replaced === undefined) await blobs.set(sessionId, blob)
          else await Promise.all([blobs.destroy(replaced), blobs.set(sessionId, blob)])
        },
        async destroy(sessionId: string, { ctx }: { ctx?: HttpContext }) {
          if (ctx?.state.nextSessionId === undefined) await blobs.destroy(sessionId)
          else ctx.state.replacedSessionId = sessionId
        },
      },
    },
    app,
  ) as unknown as HttpMiddleware

  writeCookiesAs(app, cookie)

  async function readPresented(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
    const read = (ring: KeyRing) =>
      readPresentedSession(ctx, { cookieName: cookie.name, keyRing: ring, generation })
    let presented = read(keyRing())
    if (!presented.ok && presented.reason === 'key_unknown') {
      // Another process may have loaded a new ring a moment before this one does.
      presented = read(await options.keyRingKnowing(presented.kid ?? ''))
    }
    ctx.state.presented = presented
    if (presented.kid !== undefined) options.onTokenChecked(presented.kid, presented.ok)
    if (presented.ok) ctx.state.presentedKid = presented.kid
    else ctx.state.reason = presented.reason
    await next()
  }

  return [readPresented, koaSession]
}

/** Stores the session under its id and issues its cookie or token, with every attribute. */
export async function saveSession(ctx: HttpContext): Promise<void> {
  await currentSession(ctx).save()
}

/** Sooner than this nothing of a session is purged. */
const freshMs = 86_400_000

/**
 * Whether the browser has the cookie that `saveSession` would issue, and not for long. Issued again, it could
 * arrive after that of a sign-in which was answered meanwhile, and take its place.
 */
export function isSessionHeld(ctx: HttpContext): boolean {
  const { presented, presentedKid } = ctx.state
  const { isNew, hasAsked, kid, _expire = 0, maxAge } = currentSession(ctx)
  if (!presented.ok || presented.transport === 'bearer' || isNew || hasAsked !== true) return false
  if (presented.kid !== presentedKid || presented.kid !== kid) return false
  const ageMs = Date.now() - (_expire - maxAge)
  return ageMs < Math.min(maxAge / 2, freshMs)
}

/** Gives the session the new id and destroys what was stored under the old one. */
export async function renewSession(ctx: HttpContext, sessionId: string): Promise<void> {
  ctx.state.nextSessionId = sessionId
  await currentSession(ctx).regenerate()
}

/** Destroys what is stored and removes the cookie. */
export async function removeSession(ctx: HttpContext): Promise<void> {
  const session = currentSession(ctx)
  // Only null tells koa-session to remove; any object would keep the old id.
  ctx.session = null
  await session.manuallyCommit()
  if (ctx.state.presented.transport === 'bearer') ctx.remove('Set-Cookie')
}

/** The key that the session's records carry: of the session presented, or of the new one. */
export function sessionKey(ctx: HttpContext): string {
  return sessionKeyOf(currentSession(ctx).externalKey)
}

export function currentSession(ctx: HttpContext) {
  if (ctx.session === null) throw new Error('the session was removed earlier in this request')
  return ctx.session
}
