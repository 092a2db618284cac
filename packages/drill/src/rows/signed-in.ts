import type { Journey, JourneyOptions } from '../journey.ts'
import { expectSignedIn } from '../person.ts'

/** Somebody is signed in and comes back while the fault strikes. */
export function signedIn({ person }: JourneyOptions): Journey {
  return {
    async reach() {
      await person.askForCode()
      expectSignedIn(await person.enterCode())
    },
    async underFault() {
      await person.look()
      await person.look()
    },
    async finish() {
      expectSignedIn(await person.look())
    },
  }
}
