import type { PlainKey } from '@holdfast/messages'
import { codeSent, type StagedPage } from '../staged-page.ts'

/** A state of the sign-in page, and how it comes about. */
export interface PageScene {
  name: string
  /** Whether it begins with somebody who is to type an address; else it can follow on any other. */
  isAtAddress?: true
  /** What its heading says; none for the address, whose heading has the name of the app in it. */
  heading?: PlainKey
  /** Words that have to stand on the page besides. */
  says?: PlainKey
  /** How many tries it says are left. */
  triesLeft?: number
  /** The request that its primary button makes; null while that is busy with the one before. */
  presses: string | null
  /** The words of another button that makes it, where the primary one waits for the service. */
  button?: PlainKey
  /** What has to be typed first: a code that was wrong is not tried once more. */
  typesFirst?: string
  play(staged: StagedPage): Promise<void>
}

export const session = 'GET /auth/session'
export const send = 'POST /auth/otp/send'
export const resend = 'POST /auth/otp/resend'
export const verify = 'POST /auth/otp/verify'
export const cancel = 'DELETE /auth/otp'
export const logout = 'POST /auth/logout'

async function typeCode({ page }: StagedPage, digits: string): Promise<void> {
  await page.locator('#code').fill(digits)
  if (digits.length < 6) await page.keyboard.press('Enter')
}

/** Tries a code, which gets this answer. */
export function tryCode(
  answer: Parameters<StagedPage['answer']>[1],
  { digits = '123456', ...changes }: Parameters<typeof codeSent>[0] & { digits?: string } = {},
): PageScene['play'] {
  return async function playTry(staged) {
    await staged.find(codeSent(changes))
    staged.answer(verify, answer)
    await typeCode(staged, digits)
  }
}
