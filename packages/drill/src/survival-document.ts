import type { DrillResult } from './run-drill.ts'
import { countSurvivors, markdownTable, sumOf, tableOf } from './survival-matrix.ts'

const underWay = [
  ['code sent', 'a code has been mailed and is not entered yet; afterwards it signs in'],
  [
    'mail queued',
    'a code was asked for and its mail is not handed over; afterwards the mail comes and its code signs in',
  ],
  [
    'tries spent',
    'two, four or five wrong guesses were made, or ten at once while the fault struck; afterwards none is given back: a right code within the five signs in, and one past them does not',
  ],
  [
    'right code in flight',
    'the right code is on its way; afterwards the same code is sent again with the same cookie, and gives the one sign-in',
  ],
  ['signed in', 'afterwards the same cookie is signed in with the same sign-in'],
  [
    'signed out',
    'or signing out while the fault struck; afterwards neither the old cookies nor the code bring it back',
  ],
  [
    'rotation under way',
    '`holdfast keys rotate` runs; afterwards the new key signs, and what the older one signed goes on',
  ],
] as const

const happened = [
  ['SIGTERM and start', 'one or more of the processes stop as for a deploy, and others start'],
  ['SIGKILL and start', 'one or more of the processes die in the middle of what they do, and others start'],
  ['SIGSTOP and SIGCONT', 'every process stands still for a while'],
  ['disk full', 'something else fills the disk to its last block, for a while'],
  ['write lock held', "another program holds the store's write lock, for a while"],
  ['clock +1 h, -1 h, +1 year', 'the clock of every process is set wrong while it runs, and right again'],
  ['key rotation', 'another key signs from then on'],
  [
    'mail refused, deferred, hangs',
    'the mail server refuses connections, answers 451, or reads mails and does not reply',
  ],
  ['mail line cut', 'the mail server breaks the line when it has read a mail to its final dot'],
] as const

/** docs/survival.md: what was run, on which day, and what held. */
export function survivalDocument(result: DrillResult, options: { command: string; day: string }): string {
  const matrix = countSurvivors(result.lines, result.violations)
  const { held, total } = sumOf(matrix)
  const processes = result.plan.sites.map((site) => site.processes).join(', ')
  return `# What survives

Made by \`${options.command}\` on ${options.day}, and not by hand. The same seed repeats the same people, faults, order and delays;
how to run it and what it checks is in [drill.md](drill.md).

Of ${total} people everything held for ${held}; ${result.violations.length} violations. Of ${result.operations} requests ${result.struck.operations} were in flight when a fault
struck, among them ${result.struck.rightCodes} with a right code. Installations with ${processes} server processes on one SQLite file were struck side
by side.

Each cell is *held/total*. Rows are what was under way, columns are what happened to the server meanwhile.

${markdownTable(tableOf(matrix))}

## What was under way

${listOf(underWay)}

## What happened

${listOf(happened)}
`
}

function listOf(items: readonly (readonly [string, string])[]): string {
  return items.map(([name, meaning]) => `* **${name}**: ${meaning}.`).join('\n')
}
