import type { Journey, JourneyOptions } from '../journey.ts'
import { expectSignedIn } from '../person.ts'

/** Somebody is signed in and comes back again and again while the fault lasts. */
export function signedIn({ person, isOver }: JourneyOptions): Journey {
  return {
    async reach() {
      await person.askForCode()
      expectSignedIn(await person.enterCode())
    },
    async underFault() {
      for (let looks = 0; looks < 2 || (looks < 8 && !isOver()); looks++) {
        await person.look()
        await person.pause()
      }
    },
    async finish() {
      expectSignedIn(await person.look())
    },
  }
}
