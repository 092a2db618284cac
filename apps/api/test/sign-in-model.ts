/**
 * What the API promises, as a model that fits in memory: what one browser after another would be told. It is
 * written from the contract, not from the code, and knows no store, no key and no crash.
 */

export const rules = {
  codeLifetimeMs: 600_000,
  maxAttempts: 5,
  resendAfterMs: 30_000,
  maxSends: 5,
  repeatableForMs: 60_000,
  shownAfterExpiryMs: 3_600_000,
  idleMs: 7 * 86_400_000,
  absoluteMs: 30 * 86_400_000,
  touchAfterMs: 60_000,
}

export interface ModelSignIn {
  id: string
  email: string
  lastSeenAtMs: number
  expiresAtMs: number
  hasEnded: boolean
}

export interface ModelVerification {
  email: string
  state: 'pending' | 'cancelled'
  codes: { text: string; expiresAtMs: number }[]
  attempts: number
  resendAtMs: number
}

/** What an answer that got lost leaves behind: the cookie of before, and the code that was right. */
export interface LostAnswer {
  cookie: string
  code: string
  verifiedAtMs: number
  signIn: ModelSignIn
  /** Tries that were taken when it succeeded: a wrong code in place of the right one still costs one. */
  attempts: number
  isSignedOut: boolean
}

/** One browser, as the server should see it. */
export interface ModelBrowser {
  hasCookie: boolean
  verification: ModelVerification | undefined
  signIn: ModelSignIn | undefined
  lost: LostAnswer | undefined
}

export interface Model {
  browsers: ModelBrowser[]
  signIns: ModelSignIn[]
  /** Somebody has set the clock back. */
  isSetBack: boolean
}

export function createModel(browsers: number): Model {
  return {
    signIns: [],
    isSetBack: false,
    browsers: Array.from({ length: browsers }, () => ({
      hasCookie: false,
      verification: undefined,
      signIn: undefined,
      lost: undefined,
    })),
  }
}

export function isLive(signIn: ModelSignIn | undefined, nowMs: number): signIn is ModelSignIn {
  return (
    signIn !== undefined &&
    !signIn.hasEnded &&
    signIn.expiresAtMs > nowMs &&
    signIn.lastSeenAtMs + rules.idleMs > nowMs
  )
}

export function expiryOf(verification: ModelVerification): number {
  return verification.codes.at(-1)?.expiresAtMs ?? 0
}

/** What `GET /auth/session` answers, as far as the model knows it. */
export function expectedView(browser: ModelBrowser, nowMs: number): object {
  const { verification, signIn } = browser
  const isShown =
    verification?.state === 'pending' && expiryOf(verification) + rules.shownAfterExpiryMs > nowMs
  if (isShown) {
    return {
      state: 'code_sent',
      verification: {
        sends: verification.codes.length,
        attemptsLeft: rules.maxAttempts - verification.attempts,
        expiresAt: new Date(expiryOf(verification)).toISOString(),
      },
    }
  }
  if (isLive(signIn, nowMs)) {
    return { state: 'signed_in', account: { email: signIn.email }, signIn: { id: signIn.id } }
  }
  return { state: 'anonymous' }
}

/** Why a guess or another code is refused without being looked at; `undefined` while it is not. */
export function expectedRefusal(browser: ModelBrowser, nowMs: number): object | undefined {
  const { verification } = browser
  if (!browser.hasCookie) return { status: 409, reason: 'cookie_missing' }
  if (verification === undefined) return { status: 409, code: 'verification_session_not_found' }
  if (verification.state === 'cancelled') return { status: 409, reason: 'verification_cancelled' }
  if (verification.attempts >= rules.maxAttempts) return { status: 429, code: 'too_many_attempts' }
  if (expiryOf(verification) <= nowMs) return { status: 410, code: 'code_expired' }
  return undefined
}
