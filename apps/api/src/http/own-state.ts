import { type OwnSignIn, readOwnSignIn } from '../sign-in/own-sign-in.ts'
import type { SignInWithAccount } from '../sign-in/read-sign-in.ts'
import {
  explainMissingSession,
  explainNeverSignedIn,
  readSessionState,
  type SessionReject,
  type SessionState,
} from '../sign-in/session-state.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import type { HttpContext } from './http-context.ts'
import { currentSession } from './session.ts'

/** Where the session that this request presents stands; anonymous, with the reason, where it does not hold. */
export async function readOwnState(ctx: HttpContext, context: SignInContext): Promise<SessionState> {
  const { presented } = ctx.state
  if (!presented.ok) return { state: 'anonymous', reason: presented.reason }
  const session = currentSession(ctx)
  if (!session.isNew) return readSessionState(context, presented.sessionKey, session)
  return { state: 'anonymous', ...(await explainNewSession(ctx, context, presented.sessionKey)) }
}

/** Who is signed in with a session, also while it asks for another code. */
export function signedInWith(state: SessionState): SignInWithAccount | undefined {
  if (state.state === 'signed_in') return state
  return state.state === 'code_sent' ? state.signedIn : undefined
}

/** The same with the session that this request presents; where nobody is, the reason goes as far back as the verification. */
export async function readPresentedSignIn(
  ctx: HttpContext,
  context: SignInContext,
): Promise<({ ok: true } & SignInWithAccount) | ({ ok: false } & SessionReject)> {
  const { presented } = ctx.state
  if (!presented.ok) return { ok: false, reason: presented.reason }
  const { sessionKey } = presented
  const session = currentSession(ctx)
  if (session.isNew) return { ok: false, ...(await explainNewSession(ctx, context, sessionKey)) }
  const own: OwnSignIn = await readOwnSignIn(context, sessionKey, session)
  if (own.ok || own.reason !== 'never_started') return own
  return { ok: false, ...(await explainNeverSignedIn(context, sessionKey)) }
}

async function explainNewSession(
  ctx: HttpContext,
  context: SignInContext,
  sessionKey: string,
): Promise<SessionReject> {
  const reason = ctx.state.reason ?? 'session_unknown'
  return reason === 'session_unknown' ? explainMissingSession(context, sessionKey) : { reason }
}
