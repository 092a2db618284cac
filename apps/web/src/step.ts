import { isOutage, type Problem, type SessionView, type VerificationView } from '@holdfast/client'

export type Step =
  | 'loading'
  | 'unreachable'
  | 'fault'
  | 'address'
  | 'code'
  | 'mail_failed'
  | 'expired'
  | 'exhausted'
  | 'signed_in'

/** Which step to show. The server's view decides; only the passing of time is added here. */
export function stepOf(view: SessionView | null, problem: Problem | null, nowMs: number): Step {
  if (view === null) {
    if (problem === null) return 'loading'
    return isOutage(problem) ? 'unreachable' : 'fault'
  }
  switch (view.state) {
    case 'anonymous':
      return 'address'
    case 'signed_in':
      return 'signed_in'
    case 'code_sent':
      if (view.verification.attemptsLeft <= 0) return 'exhausted'
      if (nowMs >= Date.parse(view.verification.expiresAt)) return 'expired'
      return hasNoCode(view.verification) ? 'mail_failed' : 'code'
  }
}

/** The only mail has failed: there is no code that could be entered. */
function hasNoCode({ delivery, sends }: VerificationView): boolean {
  return delivery === 'failed' && sends === 1
}
