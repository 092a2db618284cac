import { Counter, type Registry } from 'prom-client'
import type { Rejects } from '../rejects.ts'
import type { SignInWatch } from '../sign-in/sign-in-watch.ts'

export function addSignInMetrics(
  { rejects, watch: { guesses, alarms } }: { rejects: Rejects; watch: SignInWatch },
  { prefix, registers }: { prefix: string; registers: Registry[] },
): void {
  const rejected = new Counter({
    name: `${prefix}rejects_total`,
    help: 'Sessions, sign-ins and verifications that were not accepted, by the code of the answer and the reason.',
    labelNames: ['code', 'reason'],
    registers,
  })
  for (const { code, reason, count } of rejects.counts) rejected.inc({ code, reason }, count)
  const guessed = new Counter({
    name: `${prefix}guesses_total`,
    help: 'Codes that were compared, right or wrong.',
    labelNames: ['result'],
    registers,
  })
  for (const [result, count] of Object.entries(guesses)) guessed.inc({ result }, count)
  const raised = new Counter({
    name: `${prefix}alarms_total`,
    help: 'Alarms that were raised, each at most once in an hour.',
    labelNames: ['alarm'],
    registers,
  })
  for (const [alarm, count] of alarms) raised.inc({ alarm }, count)
}
