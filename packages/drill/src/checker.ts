import { endedSessions } from './checks/ended-sessions.ts'
import { sortEvidence, type Testimony, type Violation } from './checks/evidence.ts'
import { keyRing } from './checks/key-ring.ts'
import { liveSessions } from './checks/live-sessions.ts'
import { lostPeople } from './checks/lost-people.ts'
import { mailCopies } from './checks/mail-copies.ts'
import { signInOrigins } from './checks/sign-in-origins.ts'
import { singleUse } from './checks/single-use.ts'
import { spentGuesses } from './checks/spent-guesses.ts'
import { storeIntegrity } from './checks/store-integrity.ts'

const checks = [
  lostPeople,
  liveSessions,
  endedSessions,
  singleUse,
  spentGuesses,
  mailCopies,
  signInOrigins,
  keyRing,
  storeIntegrity,
]

/**
 * Holds what was promised against what was seen: the history, what the mail server got, and the rows that the store
 * holds in the end. Every violation names whom it concerns and the operations that show it. It changes nothing and
 * asks nobody: the same testimony has the same violations.
 */
export function checkPromises(testimony: Testimony): Violation[] {
  const evidence = sortEvidence(testimony)
  return checks.flatMap((check) => check(evidence))
}
