import type { Reader } from './exchange.ts'
import {
  type AccountView,
  isListedSession,
  isSessionView,
  type ListedSession,
  type SessionView,
} from './views.ts'

/** A view; the empty 204 of a sign-out is the view of a session that has ended. */
export const readView: Reader<{ view: SessionView }> = (body, response) => {
  if (response.status === 204) return { view: { state: 'anonymous' } }
  if (!isSessionView(body)) return undefined
  const { token, ...view } = body as SessionView & { token?: string }
  return { view }
}

export const readSessions: Reader<{ sessions: ListedSession[] }> = (body) => {
  const { sessions } = (body ?? {}) as { sessions?: unknown }
  return Array.isArray(sessions) && sessions.every(isListedSession) ? { sessions } : undefined
}

/** Who is signed in, as the headers of a check say. */
export const readAccount: Reader<{ account: AccountView }> = (_body, { status, headers }) => {
  const id = headers.get('x-holdfast-account')
  const email = headers.get('x-holdfast-email')
  return status === 204 && id !== null && email !== null ? { account: { id, email } } : undefined
}

export const readDone: Reader<object> = (_body, { status }) => (status === 204 ? {} : undefined)
