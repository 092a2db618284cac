import type { Answer } from './http-exchange.ts'
import { wrongCode } from './recorded-mails.ts'
import type { RunningApp } from './running-app.ts'

export const victim = 'ada@example.com'

/** Ways to write one mailbox, and the address that each one's mail goes to. */
const variants = [
  { written: victim, address: victim },
  { written: 'ADA@example.com', address: victim },
  { written: 'a.d.a@example.com', address: 'a.d.a@example.com' },
  { written: 'ada+1@example.com', address: 'ada+1@example.com' },
  { written: ' ａda@EXAMPLE.com.', address: victim },
] as const

export interface Attack {
  /** Guesses that were compared with a code. */
  lookedAt: number
  /** What stopped it. */
  stoppedBy: Answer
}

/**
 * Asks for a code, makes some wrong guesses, and begins anew in another session, from another network, with
 * another way to write the address, until it is stopped. The app has to trust 127.0.0.1 as a proxy.
 */
export async function attack(app: RunningApp, guessesEach: number): Promise<Attack> {
  let lookedAt = 0
  for (let round = 0; ; round++) {
    const { written, address } = variants[round % variants.length] ?? variants[0]
    const browser = app.newBrowser()
    const network = { 'X-Forwarded-For': `203.0.113.${round}` }
    const asked = await browser.call('POST', '/auth/otp/send', { email: written }, network)
    if (asked.status !== 202) return { lookedAt, stoppedBy: asked }
    const { code } = await app.mails.next(address)
    for (let guess = 1; guess <= guessesEach; guess++) {
      const answer = await browser.verify(wrongCode(code, guess))
      if (answer.status !== 403) return { lookedAt, stoppedBy: answer }
      lookedAt += 1
    }
  }
}
