import type { Journey, JourneyOptions } from '../journey.ts'
import { LostPersonError } from '../lost-person-error.ts'
import { expectSignedIn } from '../person.ts'

/**
 * The operator changes the key when the fault strikes. What the older key has signed goes on: every second one is
 * signed in by then and gets a cookie of the new key, the others have a code.
 */
export function rotation({ site, person, variation }: JourneyOptions): Journey {
  const isSignedIn = variation % 2 === 0
  let older: string
  return {
    async reach() {
      await person.askForCode()
      if (isSignedIn) expectSignedIn(await person.enterCode())
      else await person.newestMail()
      older = person.kid()
    },
    async underFault() {
      await person.look()
    },
    async finish() {
      await site.rotateKeys()
      expectSignedIn(isSignedIn ? await person.look() : await person.enterCode())
      if (person.kid() === older)
        throw new LostPersonError(`expected a cookie of the new key, found one of ${older}`)
    },
  }
}
