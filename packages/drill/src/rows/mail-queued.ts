import type { Journey, JourneyOptions } from '../journey.ts'
import { isOfClock, isOfMail } from '../matrix-names.ts'
import { expectSignedIn } from '../person.ts'

/**
 * A code was asked for and its mail is not handed over: the mail server puts it off until the fault is over. Every
 * second one asks while the fault strikes.
 */
export function mailQueued({ site, person, column, variation }: JourneyOptions): Journey {
  const { mailServer } = site.installation
  const asksUnderFault = isOfMail(column) || variation % 2 === 1
  return {
    async reach() {
      if (!isOfMail(column)) mailServer.refuse(person.email, 'try again later', 451)
    },
    async brink() {
      if (!asksUnderFault) await person.askForCode()
    },
    async underFault() {
      if (asksUnderFault) await person.askForCode()
      else await person.look()
    },
    async finish() {
      mailServer.accept(person.email)
      // What was asked for on a clock that was late has expired once it is right.
      if (isOfClock(column)) await person.askAgainIfExpired()
      expectSignedIn(await person.enterCode())
    },
  }
}
