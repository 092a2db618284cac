import type { Journey, JourneyOptions } from '../journey.ts'
import { isOfClock } from '../matrix-names.ts'
import { type Browser, expectSignedIn, type Person } from '../person.ts'

/**
 * The right code is on its way when the fault strikes. Every second one loses the answer in any case, by leaving
 * before it can have come. Afterwards the same code is sent again with the cookie from before, as by a client that
 * never saw an answer, and gives the same sign-in.
 */
export function rightCode({ person, column, variation }: JourneyOptions): Journey {
  // The time in which a lost answer may be asked for again is the server's, whose clock is set there.
  const mayRepeat = !isOfClock(column)
  let before: Browser
  return {
    async reach() {
      await person.askForCode()
      await person.newestMail()
      before = await person.twin()
    },
    async underFault() {
      if (mayRepeat && variation % 2 === 1) await leaveEarly(person, 5 * variation)
      await person.enterCode()
    },
    async finish() {
      const found = await person.look()
      if (found.ok && found.view.state !== 'signed_in') expectSignedIn(await person.enterCode())
      if (mayRepeat) expectSignedIn(await person.enterCode(before))
      expectSignedIn(await person.look())
    },
  }
}

async function leaveEarly(person: Person, afterMs: number): Promise<void> {
  const { code, messageId } = await person.newestMail()
  const about = { browser: await person.twin(), guess: messageId, withinMs: afterMs }
  await person.once('verify', (client) => client.verify({ code }), about)
}
