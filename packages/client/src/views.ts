/** What the mail server has said so far about the newest code of a verification. */
export const deliveries = ['queued', 'sent', 'delayed', 'failed', 'unknown'] as const
export type Delivery = (typeof deliveries)[number]

/** A verification as its holder may see it. Times are ISO 8601 UTC strings; the email is masked. */
export interface VerificationView {
  reference: string
  type: 'login' | 'signup'
  email: string
  sentAt: string
  expiresAt: string
  resendAt: string
  sends: number
  attemptsLeft: number
  codeLength: number
  delivery: Delivery
}

export interface AccountView {
  id: string
  email: string
}

export interface SignInView {
  id: string
  authTime: string
  expiresAt: string
  amr: string[]
}

/** A live sign-in of the account, in the list of all. `current` is the one that asks. */
export interface ListedSession extends SignInView {
  lastSeenAt: string
  current: boolean
}

/** The one thing every call answers: which step the session is at. The server holds the step. */
export type SessionView =
  | { state: 'anonymous' }
  | { state: 'code_sent'; verification: VerificationView }
  | { state: 'signed_in'; account: AccountView; signIn: SignInView }

/** Whether a parsed body is a SessionView, judged by what every caller branches on. */
export function isSessionView(body: unknown): body is SessionView {
  if (typeof body !== 'object' || body === null) return false
  const view = body as Record<string, unknown>
  switch (view.state) {
    case 'anonymous':
      return true
    case 'code_sent':
      return typeof view.verification === 'object' && view.verification !== null
    case 'signed_in':
      return typeof view.account === 'object' && typeof view.signIn === 'object'
    default:
      return false
  }
}

/** Whether one entry of a parsed list is a session, judged by what every caller branches on. */
export function isListedSession(entry: unknown): entry is ListedSession {
  if (typeof entry !== 'object' || entry === null) return false
  const { id, current } = entry as Record<string, unknown>
  return typeof id === 'string' && typeof current === 'boolean'
}
