import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkPromises } from '../src/checker.ts'
import type { HistoryLine } from '../src/history.ts'
import { MadeTestimony, refused, right, sent, signedIn, wrong, wrongOne } from './testimony.ts'

/** What somebody does next, and what becomes of the request: answered, lost when done, or lost before it was done. */
interface Step {
  does: 'guess right' | 'guess wrong' | 'look' | 'sign out'
  becomes: 'answered' | 'done and lost' | 'lost'
}

const steps = fc.array(
  fc.record<Step>({
    does: fc.constantFrom('guess right', 'guess wrong', 'look', 'sign out'),
    becomes: fc.constantFrom('answered', 'answered', 'done and lost', 'lost'),
  }),
  { maxLength: 30 },
)

/** A service that keeps every promise, in as few lines as that takes, and one person whose answers get lost. */
function live(taken: readonly Step[]): MadeTestimony {
  const made = new MadeTestimony().ask('send', 'ok', sent).mail()
  let attempts = 0
  let state: 'pending' | 'verified' | 'ended' = 'pending'
  let holdsCookie = false

  function guess(isRight: boolean, isAnswered: boolean): void {
    const about = isRight ? right : wrong
    const answer = (kind: 'ok' | 'fail', outcome: object) =>
      isAnswered ? made.ask('verify', kind, outcome, about) : made.ask('verify', 'unknown', {}, about)
    if (holdsCookie) return void answer('fail', refused('verification_session_not_found'))
    if (state === 'pending' && attempts < 5) {
      attempts += 1
      if (!isRight) return void answer('fail', wrongOne(5 - attempts))
      state = 'verified'
    } else if (state === 'pending') return void answer('fail', refused('too_many_attempts'))
    if (state === 'ended' || !isRight) return void answer('fail', refused('verification_session_not_found'))
    answer('ok', signedIn)
    holdsCookie = isAnswered
  }

  function look(isAnswered: boolean): void {
    const view =
      state === 'pending'
        ? { ...sent, attemptsLeft: 5 - attempts }
        : state === 'verified' && holdsCookie
          ? signedIn
          : { state: 'anonymous' as const }
    made.ask('session', isAnswered ? 'ok' : 'unknown', isAnswered ? view : {})
  }

  function signOut(isAnswered: boolean): void {
    if (state === 'verified') state = 'ended'
    made.ask('logout', isAnswered ? 'ok' : 'unknown')
  }

  for (const { does, becomes } of taken) {
    const isAnswered = becomes === 'answered'
    // A verification that was signed out of is over, and this person asks for no other.
    if (state === 'pending' && does === 'sign out') continue
    if (becomes === 'lost') {
      if (does === 'guess right' || does === 'guess wrong')
        made.ask('verify', 'unknown', {}, does === 'guess right' ? right : wrong)
      else made.ask(does === 'look' ? 'session' : 'logout', 'unknown')
    } else if (does === 'look') look(isAnswered)
    else if (does === 'sign out') signOut(isAnswered)
    else guess(does === 'guess right', isAnswered)
  }
  const signIns = state === 'pending' ? [] : [{ id: 's1', ...(state === 'ended' ? { endedAtMs: 1 } : {}) }]
  return made.end().store({ attempts, state: state === 'pending' ? 'pending' : 'verified' }, ...signIns)
}

const invariantsOf = (testimony: MadeTestimony) =>
  new Set(checkPromises(testimony).map(({ invariant }) => invariant))

/** The completion of the operation that a line begins. */
function completionOf(made: MadeTestimony, begun: HistoryLine): HistoryLine & { kind: 'ok' | 'fail' } {
  const found = made.lines.find(
    (line) => 'id' in line && 'id' in begun && line.id === begun.id && line.kind !== 'invoke',
  )
  return found as HistoryLine & { kind: 'ok' | 'fail' }
}

test('whatever somebody does and whichever answers are lost, the checker finds nothing wrong with a service that keeps its promises', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      expect(checkPromises(live(taken))).toEqual([])
    }),
    { numRuns: 1_000 },
  )
})

test('whatever went before, one look that forgets an acknowledged sign-in breaks I1', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const made = live(taken)
      // After a sign-out was asked for, whatever became of that, nothing is certain any more.
      const isSignOut = (line: HistoryLine) => line.kind === 'invoke' && line.action === 'logout'
      const signOutAt = made.lines.findIndex(isSignOut)
      const looks = made.lines
        .slice(0, signOutAt === -1 ? made.lines.length : signOutAt)
        .filter((line) => line.kind === 'invoke' && line.action === 'session')
      const signedInLooks = looks
        .map((look) => completionOf(made, look))
        .filter(({ kind, outcome }) => kind === 'ok' && outcome.state === 'signed_in')
      fc.pre(signedInLooks.length > 0)
      Object.assign(signedInLooks.at(-1) ?? {}, { outcome: { state: 'anonymous' } })
      expect(invariantsOf(made)).toContain('I1')
    }),
  )
})

test('whatever went before, a sign-in that an acknowledged sign-out left alive breaks I2', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const made = live(taken)
      const isSignedOut = made.lines.some(
        (line) =>
          line.kind === 'invoke' && line.action === 'logout' && completionOf(made, line).kind === 'ok',
      )
      fc.pre(isSignedOut && made.rows.signIns.length > 0)
      for (const row of made.rows.signIns) row.endedAtMs = null
      expect(invariantsOf(made)).toContain('I2')
    }),
  )
})

test('whatever went before, a store that counts one guess less than were answered breaks I4', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const made = live(taken)
      const wrongAnswers = made.lines.filter(
        (line) => line.kind === 'fail' && line.outcome.code === 'code_incorrect',
      )
      fc.pre(wrongAnswers.length > 0)
      for (const row of made.rows.verifications) row.attempts = wrongAnswers.length - 1
      expect(invariantsOf(made)).toContain('I4')
    }),
  )
})

test('whatever went before, a sign-in of a verification that was never verified breaks I6', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const made = live(taken)
      fc.pre(made.rows.signIns.length > 0)
      for (const row of made.rows.verifications) row.state = 'pending'
      expect(invariantsOf(made)).toContain('I6')
    }),
  )
})
