import { explainMissingSession, readSessionState, type SessionState } from '../sign-in/session-state.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import type { HttpContext } from './http-context.ts'
import { currentSession } from './session.ts'

/** Where the session that this request presents stands; anonymous, with the reason, where it does not hold. */
export async function readOwnState(ctx: HttpContext, context: SignInContext): Promise<SessionState> {
  const { presented } = ctx.state
  if (!presented.ok) return { state: 'anonymous', reason: presented.reason }
  const session = currentSession(ctx)
  if (!session.isNew) return readSessionState(context, presented.sessionKey, session)
  const reason = ctx.state.reason ?? 'session_unknown'
  if (reason !== 'session_unknown') return { state: 'anonymous', reason }
  return { state: 'anonymous', reason: await explainMissingSession(context, presented.sessionKey) }
}
