import type { Answer } from '@holdfast/client'
import type { Installation, RunningServer } from '@holdfast/drill'
import { type PersonWithCode, problemOf, wrongCode } from './sign-in.ts'

export async function startThree(
  holdfast: Installation,
): Promise<[RunningServer, RunningServer, RunningServer]> {
  return [await holdfast.start(), await holdfast.start(), await holdfast.start()]
}

/** Wrong codes, all sent at once, by turns at each of the servers. Every one of them must be answered. */
export function guessInParallel(
  { visitor, code }: PersonWithCode,
  servers: readonly RunningServer[],
  guesses = 1_000,
): Promise<Answer[]> {
  return Promise.all(
    Array.from({ length: guesses }, (_, at) => {
      const server = servers[at % servers.length] as RunningServer
      return visitor.at(server).verify({ code: wrongCode(code, 1 + at) })
    }),
  )
}

/** How many answers there are of each problem. An answer that is none fails the test. */
export function countByCode(answers: readonly Answer[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const answer of answers) {
    const { code } = problemOf(answer)
    counts[code] = (counts[code] ?? 0) + 1
  }
  return counts
}
