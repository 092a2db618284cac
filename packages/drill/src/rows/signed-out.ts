import { setTimeout } from 'node:timers/promises'
import type { Journey, JourneyOptions } from '../journey.ts'
import { type Browser, expectSignedIn, lost } from '../person.ts'

/** Between two requests of one session: enough for the first to be read before the next one comes. */
const apartMs = 10

/**
 * Somebody has signed out, and comes back with every cookie from before: that of the sign-in, and that of the
 * verification with its code. Every second one signs out while the fault strikes, and while more requests of the
 * same session are under way.
 */
export function signedOut({ person, variation }: JourneyOptions): Journey {
  const leavesUnderFault = variation % 2 === 1
  let asked: Browser
  let signedIn: Browser
  const signOut = async () => {
    const answer = await person.untilKnown('logout', (client) => client.logout())
    if (!answer.ok) throw lost('signed out', answer)
  }
  return {
    async reach() {
      await person.askForCode()
      await person.newestMail()
      asked = await person.twin()
      expectSignedIn(await person.enterCode())
      signedIn = await person.twin()
      if (!leavesUnderFault) await signOut()
    },
    async underFault() {
      if (!leavesUnderFault) return void (await person.look(signedIn))
      const others = await Promise.all(Array.from({ length: 4 }, () => person.twin()))
      await Promise.all([
        ...others.map(async (browser, at) => {
          await setTimeout(at * apartMs)
          await person.look(browser)
        }),
        setTimeout(1.5 * apartMs).then(signOut),
      ])
    },
    async finish() {
      await person.look(signedIn)
      await person.enterCode(asked)
    },
  }
}
