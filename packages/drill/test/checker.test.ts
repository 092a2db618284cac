import { describe, expect, test } from 'vitest'
import { checkPromises } from '../src/checker.ts'
import { addressOf } from '../src/history.ts'
import {
  MadeTestimony as Made,
  type MadeTestimony,
  messageId,
  refused,
  right,
  sent,
  signedIn,
  signIn,
  wrong,
  wrongOne,
} from './testimony.ts'

const hourMs = 3_600_000

function invariantsOf(testimony: MadeTestimony): string[] {
  return [...new Set(checkPromises(testimony).map(({ invariant }) => invariant))]
}

const honest: Record<string, () => MadeTestimony> = {
  'somebody signs in and comes back': () =>
    signIn().ask('session', 'ok', signedIn).end().store({}, { id: 's1' }),

  'a lost answer, and the same code sent again': () =>
    new Made()
      .ask('send', 'ok', sent)
      .mail()
      .ask('verify', 'unknown', {}, right)
      .ask('verify', 'ok', signedIn, right)
      .ask('session', 'ok', signedIn)
      .end()
      .store({}, { id: 's1' }),

  'five wrong guesses, and the right code refused': () => {
    const made = new Made().ask('send', 'ok', sent).mail()
    for (const left of [4, 3, 2, 1, 0]) made.ask('verify', 'fail', wrongOne(left), wrong)
    return made.ask('verify', 'fail', refused('too_many_attempts'), right).end().store({ attempts: 5 })
  },

  'a guess whose answer was lost was counted': () =>
    new Made()
      .ask('send', 'ok', sent)
      .mail()
      .ask('verify', 'unknown', {}, wrong)
      .ask('session', 'ok', { ...sent, attemptsLeft: 4 })
      .end()
      .store({ attempts: 1 }),

  'a guess whose answer was lost was not counted': () =>
    new Made()
      .ask('send', 'ok', sent)
      .mail()
      .ask('verify', 'unknown', {}, wrong)
      .ask('session', 'ok', sent)
      .end()
      .store({ attempts: 0 }),

  'somebody signs out for good': () =>
    signIn()
      .copy('twin')
      .ask('logout', 'ok')
      .ask('session', 'ok', { state: 'anonymous' }, { browser: 'twin' })
      .ask('verify', 'fail', refused('verification_session_not_found'), { ...right, browser: 'asked' })
      .end()
      .store({}, { id: 's1', endedAtMs: 1 }),

  'a sign-out whose answer was lost': () =>
    signIn()
      .copy('twin')
      .ask('logout', 'unknown')
      .ask('session', 'ok', signedIn, { browser: 'twin' })
      .end()
      .store({}, { id: 's1' }),

  'a code is used up in the session that it opened': () =>
    signIn()
      .ask('verify', 'fail', refused('verification_session_not_found'), right)
      .end()
      .store({}, { id: 's1' }),

  'a code sent again after more than a minute': () =>
    new Made()
      .ask('send', 'ok', sent)
      .mail()
      .copy('before')
      .ask('verify', 'ok', signedIn, right)
      .wait(60_000)
      .ask('verify', 'fail', refused('verification_session_not_found'), { ...right, browser: 'before' })
      .end()
      .store({}, { id: 's1' }),

  'a clock an hour ahead expires a code, and back again it does not': () =>
    new Made()
      .ask('send', 'ok', sent)
      .mail()
      .note({ kind: 'clock-set', offsetMs: hourMs })
      .wait(200)
      .ask('verify', 'fail', refused('code_expired'), right)
      .note({ kind: 'clock-set', offsetMs: 0 })
      .wait(200)
      .ask('verify', 'ok', signedIn, right)
      .end()
      .store({}, { id: 's1' }),

  'a clock a year ahead expires a sign-in, and back again it does not': () =>
    signIn()
      .note({ kind: 'clock-set', offsetMs: 365 * 24 * hourMs })
      .wait(200)
      .ask('session', 'ok', { state: 'anonymous' })
      .note({ kind: 'clock-set', offsetMs: 0 })
      .wait(200)
      .ask('session', 'ok', signedIn)
      .end()
      .store({}, { id: 's1' }),

  'a mail twice because the server died': () =>
    new Made().ask('send', 'ok', sent).mail().note({ kind: 'server-killed', pid: 1 }).mail().end().store(),

  'a mail twice because the server died when all of it was sent and not yet read': () =>
    new Made()
      .ask('send', 'ok', sent)
      .note({ kind: 'server-killed', pid: 1 })
      .mail('v1', 1, { tookMs: 2 })
      .mail()
      .end()
      .store(),

  'a mail twice because the line broke': () =>
    new Made().ask('send', 'ok', sent).mail('v1', 1, { wasConfirmed: false }).mail().end().store(),

  'a mail twice because the store did not take the note': () =>
    new Made()
      .ask('send', 'ok', sent)
      .mail()
      .note({ kind: 'fault-ends', fault: 'disk-full' })
      .mail()
      .end()
      .store(),

  'a key ring that has the keys of all cookies': () =>
    signIn()
      .ask('list-keys', 'ok', { ringId: 'r', kids: ['kid1'] }, { who: 'operator' })
      .ask('list-keys', 'ok', { ringId: 'r', kids: ['kid2', 'kid1'] }, { who: 'operator' })
      .end()
      .store({}, { id: 's1' }),
}

describe('the checker finds nothing wrong where', () => {
  test.each(Object.entries(honest))('%s', (_, make) => {
    expect(checkPromises(make())).toEqual([])
  })
})

const broken: Record<string, [invariant: string, () => MadeTestimony]> = {
  'an acknowledged sign-in is gone': [
    'I1',
    () => signIn().ask('session', 'ok', { state: 'anonymous' }).end().store({}, { id: 's1' }),
  ],
  'an acknowledged sign-in is another one': [
    'I1',
    () =>
      signIn()
        .ask('session', 'ok', { ...signedIn, signInId: 's2' })
        .end()
        .store({}, { id: 's1' }),
  ],
  'an acknowledged sign-in is gone from the twin of its browser': [
    'I1',
    () =>
      signIn()
        .copy('twin')
        .ask('session', 'ok', { state: 'anonymous' }, { browser: 'twin' })
        .end()
        .store({}, { id: 's1' }),
  ],
  'an acknowledged sign-in is not in the store': ['I1', () => signIn().end().store()],
  'an acknowledged sign-in has ended in the store': [
    'I1',
    () => signIn().end().store({}, { id: 's1', endedAtMs: 5 }),
  ],
  'an acknowledged verification is gone': [
    'I1',
    () =>
      new Made().ask('send', 'ok', sent).mail().ask('session', 'ok', { state: 'anonymous' }).end().store(),
  ],
  'an outage removes a cookie': [
    'I1',
    () =>
      signIn()
        .ask('session', 'unknown', { code: 'store_unavailable', cookie: 'removed' })
        .end()
        .store({}, { id: 's1' }),
  ],
  'a right code is refused': [
    'I1',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'fail', refused('verification_session_not_found'), right)
        .end()
        .store(),
  ],
  'a lost answer cannot be asked for again': [
    'I1',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'unknown', {}, right)
        .ask('verify', 'fail', refused('verification_session_not_found'), right)
        .end()
        .store({}, { id: 's1' }),
  ],
  'a clock an hour ahead ends a sign-in': [
    'I1',
    () =>
      signIn()
        .note({ kind: 'clock-set', offsetMs: hourMs })
        .wait(200)
        .ask('session', 'ok', { state: 'anonymous' })
        .end()
        .store({}, { id: 's1' }),
  ],
  'a cookie from before a sign-out signs in': [
    'I2',
    () =>
      signIn()
        .copy('twin')
        .ask('logout', 'ok')
        .ask('session', 'ok', signedIn, { browser: 'twin' })
        .end()
        .store({}, { id: 's1', endedAtMs: 1 }),
  ],
  'a code signs in again after a sign-out': [
    'I2',
    () =>
      signIn()
        .ask('logout', 'ok')
        .ask('verify', 'ok', signedIn, { ...right, browser: 'asked' })
        .end()
        .store({}, { id: 's1', endedAtMs: 1 }),
  ],
  'the sign-in of an acknowledged sign-out is alive in the store': [
    'I2',
    () => signIn().ask('logout', 'ok').end().store({}, { id: 's1' }),
  ],
  'one code leads to two sign-ins': [
    'I3',
    () =>
      signIn()
        .ask('verify', 'ok', { ...signedIn, signInId: 's2' }, { ...right, browser: 'before' })
        .end()
        .store({}, { id: 's1' }, { id: 's2' }),
  ],
  'six guesses are looked at': [
    'I4',
    () => {
      const made = new Made().ask('send', 'ok', sent).mail()
      for (const left of [4, 3, 2, 1, 0, 0]) made.ask('verify', 'fail', wrongOne(left), wrong)
      return made.end().store({ attempts: 5 })
    },
  ],
  'five wrong guesses and then the right one are looked at': [
    'I4',
    () => {
      const made = new Made().ask('send', 'ok', sent).mail()
      for (const left of [4, 3, 2, 1, 0]) made.ask('verify', 'fail', wrongOne(left), wrong)
      return made.ask('verify', 'ok', signedIn, right).end().store({ attempts: 5 }, { id: 's1' })
    },
  ],
  'an acknowledged guess is given back': [
    'I4',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'fail', wrongOne(4), wrong)
        .ask('session', 'ok', sent)
        .end()
        .store({ attempts: 1 }),
  ],
  'an acknowledged guess is not in the store': [
    'I4',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'fail', wrongOne(4), wrong)
        .end()
        .store({ attempts: 0 }),
  ],
  'a mail comes twice for no reason': [
    'I5',
    () => new Made().ask('send', 'ok', sent).mail().mail().end().store(),
  ],
  'a mail comes twice that was begun after the server had died': [
    'I5',
    () =>
      new Made().ask('send', 'ok', sent).note({ kind: 'server-killed', pid: 1 }).mail().mail().end().store(),
  ],
  'a copy of a mail has another Message-ID': [
    'I5',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .note({ kind: 'server-killed', pid: 1 })
        .mail('other')
        .end()
        .store(),
  ],
  'somebody is signed in without having entered a code': [
    'I6',
    () => new Made().ask('send', 'ok', sent).ask('session', 'ok', signedIn).end().store({}, { id: 's1' }),
  ],
  'a wrong code signs in': [
    'I6',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'ok', signedIn, wrong)
        .end()
        .store({}, { id: 's1' }),
  ],
  'somebody is signed in as somebody else': [
    'I6',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'ok', { ...signedIn, email: addressOf('bob') }, right)
        .end()
        .store({}, { id: 's1' }),
  ],
  'a sign-in comes from a verification that was not verified': [
    'I6',
    () => signIn().end().store({ state: 'pending' }, { id: 's1' }),
  ],
  'a verified verification has no sign-in': [
    'I6',
    () =>
      new Made()
        .ask('send', 'ok', sent)
        .mail()
        .ask('verify', 'unknown', {}, right)
        .end()
        .store({ state: 'verified', attempts: 1 }),
  ],
  'the key ring cannot be read': [
    'I7',
    () =>
      signIn()
        .ask('list-keys', 'fail', { code: 'exit code 78' }, { who: 'operator' })
        .end()
        .store({}, { id: 's1' }),
  ],
  'the key of a cookie is not in the ring': [
    'I7',
    () =>
      signIn()
        .ask('list-keys', 'ok', { ringId: 'r', kids: ['kid2'] }, { who: 'operator' })
        .end()
        .store({}, { id: 's1' }),
  ],
  'the ring was made anew': [
    'I7',
    () =>
      new Made()
        .ask('list-keys', 'ok', { ringId: 'r', kids: ['kid1'] }, { who: 'operator' })
        .ask('list-keys', 'ok', { ringId: 'q', kids: ['kid1'] }, { who: 'operator' })
        .end(),
  ],
  'SQLite finds the file broken': [
    'I8',
    () => {
      const made = new Made().end()
      made.rows.integrity = ['row 3 missing from index outbox']
      return made
    },
  ],
  'rows name rows that are not there': [
    'I8',
    () => {
      const made = new Made().end()
      made.rows.brokenReferences = 2
      return made
    },
  ],
  'somebody was lost on the way': [
    'lost',
    () => new Made().note({ kind: 'journey-lost', who: 'ada', because: 'no mail came' }),
  ],
  'a journey never came to its end': ['lost', () => new Made()],
}

describe('the checker notices that', () => {
  test.each(Object.entries(broken))('%s', (_, [invariant, make]) => {
    const violations = checkPromises(make())
    expect(invariantsOf(make())).toContain(invariant)
    const found = violations.find((violation) => violation.invariant === invariant)
    expect(found?.what).toMatch(/\S/)
    if (invariant !== 'I7' && invariant !== 'I8') expect(found?.who).toBe('ada')
  })
})

test('a violation comes with the operations that show it and their times', () => {
  const [violation] = checkPromises(
    signIn().ask('session', 'ok', { state: 'anonymous' }).end().store({}, { id: 's1' }),
  )
  expect(violation?.operations).toEqual([
    expect.objectContaining({ action: 'session', kind: 'ok', invokedAtMs: 7, completedAtMs: 8 }),
  ])
})

test('the Message-ID of a mail names the verification that its code is of', () => {
  expect(messageId('v1', 2)).toBe('<v1.2@login.example.com>')
})
