import type { Journey, JourneyOptions } from '../journey.ts'
import { expectSignedIn, isUnknown, lost, type Person } from '../person.ts'

/**
 * Wrong guesses were made: all five; four, so that the right code comes last; ten at once while the fault strikes;
 * or two, and the others afterwards. What was spent stays spent.
 */
export function triesSpent({ person, variation }: JourneyOptions): Journey {
  const kind = variation % 4
  return {
    async reach() {
      await person.askForCode()
      await person.newestMail()
      const guesses = [5, 4, 0, 2][kind] ?? 0
      for (let offset = 1; offset <= guesses; offset++) await person.guessWrong(offset)
    },
    async underFault() {
      if (kind !== 2) await person.look()
      else await Promise.all(Array.from({ length: 10 }, (_, at) => guessFromTwin(person, at + 1)))
    },
    async finish() {
      if (kind === 1) return expectSignedIn(await person.enterCode())
      await exhaust(person)
      const refused = await person.enterCode()
      const isOver = !refused.ok && refused.problem.code === 'too_many_attempts'
      if (!isOver) throw lost('expected that the tries stay spent', refused)
    },
  }
}

/** The cookies of one browser cannot be used ten times at once. */
async function guessFromTwin(person: Person, offset: number): Promise<void> {
  await person.guessWrong(offset, await person.twin())
}

/** Guesses until no guess is left. */
async function exhaust(person: Person): Promise<void> {
  for (let offset = 11; offset < 40; offset++) {
    const answer = await person.guessWrong(offset)
    if (!answer.ok && answer.problem.code === 'too_many_attempts') return
    if (!isUnknown(answer) && (answer.ok || answer.problem.code !== 'code_incorrect')) {
      throw lost('guessed wrong', answer)
    }
  }
}
