import type { SessionView, VerificationView } from '@holdfast/client'

export const sentAtMs = Date.UTC(2026, 0, 1)

const after = (seconds: number) => new Date(sentAtMs + seconds * 1000).toISOString()

/** A view as the server answers it right after it sent a code, with what a test needs to differ. */
export function codeSentView(differing: Partial<VerificationView> = {}): SessionView {
  const verification: VerificationView = {
    reference: 'HF-7K3M-9QXP',
    type: 'login',
    email: 'a•••@example.com',
    sentAt: after(0),
    expiresAt: after(600),
    resendAt: after(30),
    sends: 1,
    attemptsLeft: 5,
    codeLength: 6,
    delivery: 'sent',
  }
  return { state: 'code_sent', verification: { ...verification, ...differing } }
}

export const signedInView: SessionView = {
  state: 'signed_in',
  account: { id: 'acc_1', email: 'ada@example.com' },
  signIn: { id: 'sgn_1', authTime: after(60), expiresAt: after(6000), amr: ['otp'] },
}
