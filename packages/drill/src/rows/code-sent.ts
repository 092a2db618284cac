import type { Journey, JourneyOptions } from '../journey.ts'
import { expectSignedIn } from '../person.ts'

/** Somebody has been mailed a code and has not entered it; every second one looks at the page meanwhile. */
export function codeSent({ person, variation }: JourneyOptions): Journey {
  return {
    async reach() {
      await person.askForCode()
      await person.newestMail()
    },
    async underFault() {
      if (variation % 2 === 0) await person.look()
    },
    async finish() {
      expectSignedIn(await person.enterCode())
      expectSignedIn(await person.look())
    },
  }
}
