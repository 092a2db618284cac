import type { Refusal } from './problem.ts'
import type { SessionView } from './views.ts'

/** What the lost answer to a guess between two looks at a session said, where it was that the guess is wrong. */
export function lostGuess(before: SessionView | undefined, now: SessionView): Refusal | undefined {
  if (before?.state !== 'code_sent' || now.state !== 'code_sent') return undefined
  const { attemptsLeft, reference } = now.verification
  if (reference !== before.verification.reference || attemptsLeft >= before.verification.attemptsLeft) {
    return undefined
  }
  const [status, title] = [403, 'That code is not right']
  return { code: 'code_incorrect', status, title, detail: `${title}.`, attemptsLeft, reference }
}
