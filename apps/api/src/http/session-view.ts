import { maskEmailAddress } from '@holdfast/core'
import type { CodeRow, SignInRow, VerificationRow } from '@holdfast/store'
import type { SessionState } from '../sign-in/session-state.ts'

/** What every call that changes or reads the session answers. Times are ISO 8601, UTC. */
export type SessionView =
  | { state: 'anonymous' }
  | { state: 'code_sent'; verification: VerificationView }
  | {
      state: 'signed_in'
      account: { id: string; email: string }
      signIn: { id: string; authTime: string; expiresAt: string; amr: ['otp'] }
    }

/** A live sign-in of the account, in the list of all. */
export interface ListedSession {
  id: string
  authTime: string
  lastSeenAt: string
  expiresAt: string
  amr: ['otp']
  /** The one that asks. */
  current: boolean
}

interface VerificationView {
  reference: string
  type: 'login' | 'signup'
  email: string
  sentAt: string
  expiresAt: string
  resendAt: string
  sends: number
  attemptsLeft: number
  codeLength: number
  delivery: CodeRow['delivery']
}

export function viewState(state: SessionState): SessionView {
  switch (state.state) {
    case 'anonymous':
      return { state: 'anonymous' }
    case 'code_sent':
      return viewCodeSent(state.verification, state.delivery)
    case 'signed_in':
      return viewSignedIn(state.signIn, state.account)
  }
}

export function viewCodeSent(verification: VerificationRow, delivery: CodeRow['delivery']): SessionView {
  return {
    state: 'code_sent',
    verification: {
      reference: verification.reference,
      type: verification.type,
      email: maskEmailAddress(verification.email),
      sentAt: toIso(verification.sentAtMs),
      expiresAt: toIso(verification.expiresAtMs),
      resendAt: toIso(verification.resendAtMs),
      sends: verification.sends,
      attemptsLeft: Math.max(0, verification.maxAttempts - verification.attempts),
      codeLength: verification.codeLength,
      delivery,
    },
  }
}

export function viewSignedIn(signIn: SignInRow, account: { id: string; email: string }): SessionView {
  return {
    state: 'signed_in',
    account: { id: account.id, email: account.email },
    signIn: {
      id: signIn.id,
      authTime: toIso(signIn.authTimeMs),
      expiresAt: toIso(signIn.expiresAtMs),
      amr: ['otp'],
    },
  }
}

export function viewSessions(
  signIns: readonly SignInRow[],
  currentId: string,
): { sessions: ListedSession[] } {
  const sessions = signIns.map(
    (signIn): ListedSession => ({
      id: signIn.id,
      authTime: toIso(signIn.authTimeMs),
      lastSeenAt: toIso(signIn.lastSeenAtMs),
      expiresAt: toIso(signIn.expiresAtMs),
      amr: ['otp'],
      current: signIn.id === currentId,
    }),
  )
  return { sessions }
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}
