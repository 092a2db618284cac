import { isOfMail } from '../matrix-names.ts'
import type { Evidence, MailReceipt, PersonEvidence, Violation } from './evidence.ts'

/**
 * I5: a person is mailed no more codes than were asked for, and one code twice only where nobody could know that it
 * had arrived: a server died, a line broke, or the store did not take the note. Copies have the same Message-ID.
 */
export function mailCopies(evidence: Evidence): Violation[] {
  return evidence.people.flatMap((person) =>
    [...tooManyMails(person), ...needlessCopies(evidence, person)].map(
      (what): Violation => ({ invariant: 'I5', who: person.who, what, operations: [] }),
    ),
  )
}

function tooManyMails({ operations, mails }: PersonEvidence): string[] {
  const asked = operations.filter(({ action }) => action === 'send' || action === 'resend').length
  const ids = new Set(mails.map(({ messageId }) => messageId))
  return ids.size > asked ? [`${ids.size} mails with ids of their own, ${asked} were asked for`] : []
}

function needlessCopies(evidence: Evidence, { mails }: PersonEvidence): string[] {
  return [...Map.groupBy(mails, ({ messageId }) => messageId).values()].flatMap((copies) =>
    copies.slice(1).flatMap((copy, at) => {
      const earlier = copies[at] as MailReceipt
      const isExcused = !earlier.wasConfirmed || mayHaveForgotten(evidence, earlier.beganAtMs, copy.atMs)
      return isExcused
        ? []
        : [`a second copy of ${copy.messageId}, ${Math.round(copy.atMs - earlier.atMs)} ms later`]
    }),
  )
}

function mayHaveForgotten({ lines }: Evidence, fromMs: number, toMs: number): boolean {
  return lines.some((line) => {
    if (line.atMs > toMs) return false
    const happensWithin = line.atMs >= fromMs
    if (line.kind === 'server-killed' || line.kind === 'clock-set') return happensWithin
    if (line.kind === 'fault-ends') {
      const isOutage = line.fault === 'disk-full' || line.fault === 'lock-held' || isOfMail(line.fault)
      return isOutage && happensWithin
    }
    return false
  })
}
