import type { PlainKey } from '@holdfast/messages'
import { codeSent, limited, notSignedIn, problem, type StagedPage, signedIn } from './staged-page.ts'

/** A state of the sign-in page, and how it comes about. */
export interface PageScene {
  name: string
  /** Whether it is one of somebody who has just come; else it can follow on any other. */
  isOfNewPage?: true
  /** What its heading says; none for the address, whose heading has the name of the app in it. */
  heading?: PlainKey
  /** Words that have to stand on the page besides. */
  says?: PlainKey
  play(staged: StagedPage): Promise<void>
}

const verify = 'POST /auth/otp/verify'
const send = 'POST /auth/otp/send'
const resend = 'POST /auth/otp/resend'

async function typeAddress({ page }: StagedPage, address: string): Promise<void> {
  await page.locator('#email').fill(address)
  await page.keyboard.press('Enter')
}

async function typeCode({ page }: StagedPage, digits: string): Promise<void> {
  await page.locator('#code').fill(digits)
  if (digits.length < 6) await page.keyboard.press('Enter')
}

/** All of them, in the order in which somebody could meet them. */
export const pageScenes: readonly PageScene[] = [
  { name: 'address', isOfNewPage: true, async play() {} },
  {
    name: 'address-invalid',
    isOfNewPage: true,
    says: 'problem.invalidAddress.title',
    async play(staged) {
      staged.answer(send, problem(422, 'invalid_request', { errors: [{ path: 'email', message: '' }] }))
      await typeAddress(staged, 'ada')
    },
  },
  {
    name: 'send-limited',
    isOfNewPage: true,
    says: 'problem.rateLimited.title',
    async play(staged) {
      staged.answer(send, limited(1500))
      await typeAddress(staged, 'ada.lovelace@example.com')
    },
  },
  { name: 'code', heading: 'code.heading', play: (staged) => staged.find(codeSent()) },
  {
    name: 'code-queued',
    heading: 'code.heading',
    says: 'delivery.queued.note',
    play: (staged) => staged.find(codeSent({ delivery: 'queued' })),
  },
  {
    name: 'mail-delayed',
    heading: 'delayed.heading',
    says: 'delivery.delayed.note',
    play: (staged) => staged.find(codeSent({ delivery: 'delayed' })),
  },
  {
    name: 'mail-failed',
    heading: 'mailFailed.heading',
    says: 'delivery.failed.note',
    play: (staged) => staged.find(codeSent({ delivery: 'failed' })),
  },
  {
    name: 'mail-failed-again',
    heading: 'code.heading',
    says: 'delivery.failed.note',
    play: (staged) => staged.find(codeSent({ delivery: 'failed', sends: 2 })),
  },
  {
    name: 'mail-unknown',
    heading: 'code.heading',
    says: 'delivery.unknown.note',
    play: (staged) => staged.find(codeSent({ delivery: 'unknown' })),
  },
  {
    name: 'two-tries-left',
    heading: 'code.heading',
    says: 'code.resend',
    play: (staged) => staged.find(codeSent({ attemptsLeft: 2 }, 45)),
  },
  {
    name: 'wrong-code',
    heading: 'code.heading',
    says: 'problem.incorrectCode.title',
    async play(staged) {
      await staged.find(codeSent())
      staged.answer(verify, problem(403, 'code_incorrect', { attemptsLeft: 3 }))
      await typeCode(staged, '123456')
    },
  },
  {
    name: 'code-malformed',
    heading: 'code.heading',
    says: 'problem.incompleteCode.title',
    async play(staged) {
      await staged.find(codeSent())
      staged.answer(verify, problem(422, 'code_malformed'))
      await typeCode(staged, '123')
    },
  },
  {
    name: 'verify-limited',
    heading: 'code.heading',
    says: 'problem.guessLimited.title',
    async play(staged) {
      await staged.find(codeSent())
      staged.answer(verify, limited(400))
      await typeCode(staged, '123456')
    },
  },
  {
    name: 'expired',
    heading: 'expired.heading',
    says: 'code.resend',
    play: (staged) => staged.find(codeSent({}, 700)),
  },
  {
    name: 'expired-last',
    heading: 'expired.heading',
    says: 'exhausted.again',
    async play(staged) {
      await staged.find(codeSent({ sends: 5 }, 700))
      staged.answer(resend, problem(410, 'code_expired'))
      await staged.page.locator('button.primary').click()
      await staged.page.locator('form:has([value=resend])').waitFor({ state: 'detached' })
    },
  },
  {
    name: 'tries-spent',
    heading: 'exhausted.heading',
    says: 'exhausted.again',
    async play(staged) {
      await staged.find(codeSent({ attemptsLeft: 1 }))
      staged.answer(verify, problem(429, 'too_many_attempts', { attemptsLeft: 0 }))
      await typeCode(staged, '123456')
    },
  },
  {
    name: 'begun-anew-elsewhere',
    says: 'over.otherTab',
    async play(staged) {
      await staged.find(codeSent())
      staged.answer(
        verify,
        problem(409, 'verification_session_not_found', { reason: 'verification_cancelled' }),
      )
      await typeCode(staged, '123456')
    },
  },
  { name: 'signed-in', heading: 'signedIn.heading', play: (staged) => staged.find(signedIn) },
  {
    name: 'signed-out-elsewhere',
    says: 'over.signedOut',
    async play(staged) {
      await staged.find(signedIn)
      staged.answer('GET /auth/sessions', notSignedIn('ended_by_user'))
      await staged.find({ state: 'anonymous' })
    },
  },
]
