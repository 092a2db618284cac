import type { CodeRow, VerificationRow } from '@holdfast/store'
import { expect, test } from 'vitest'
import type { Entry } from '../src/entry.ts'
import type { Story } from '../src/read-story.ts'
import { standingOfVerification } from '../src/standing-of-verification.ts'

const nowMs = Date.UTC(2026, 10, 25, 12)
const minuteMs = 60_000

const verification: VerificationRow = {
  id: 'v1',
  reference: 'HF-7K3M-9QX1',
  sessionKey: 'session',
  kid: 'kkkkkkkk',
  type: 'login',
  email: 'ada@example.com',
  state: 'pending',
  attempts: 0,
  maxAttempts: 5,
  sends: 2,
  codeLength: 6,
  createdAtMs: nowMs - 5 * minuteMs,
  sentAtMs: nowMs - minuteMs,
  resendAtMs: nowMs,
  expiresAtMs: nowMs + 5 * minuteMs,
  verifiedAtMs: null,
  acceptedMac: null,
  chances: 0,
  changeId: null,
  language: null,
}

function codeOf(number: number, changes: Partial<CodeRow>): CodeRow {
  return {
    verificationId: 'v1',
    number,
    mac: 'mac',
    email: 'ada@example.com',
    sealed: 'sealed',
    expiresAtMs: nowMs + 5 * minuteMs,
    delivery: 'queued',
    tries: 1,
    dueAtMs: nowMs,
    askedAtMs: nowMs,
    leasedBy: null,
    askingRequest: null,
    ...changes,
  }
}

function storyOf(codes: CodeRow[], told: Pick<Entry, 'event' | 'detail'>[]): Story {
  const own = told.map((entry, index) => ({
    id: index + 1,
    atMs: nowMs - minuteMs + index,
    verificationId: 'v1',
    signInId: null,
    kid: null,
    reason: null,
    ...entry,
  }))
  return { verification, codes, signIn: undefined, own, around: [], replacedBy: undefined }
}

const sentenceOf = (story: Story) =>
  standingOfVerification(story, verification, { nowMs, idleMs: 60 * minuteMs }).sentence

const first = codeOf(1, { sealed: null, delivery: 'failed' })
const refused = { event: 'code_not_deliverable', detail: { number: 1, reply: '550 no such user' } } as const
const delayed = { event: 'code_delayed', detail: { number: 2, reply: '451 later' } } as const
const wiped = { sealed: null, delivery: 'failed' } as const

test.each([
  ['waits and was never tried', [refused], {}, 'Its mail waits to be handed to the mail server.'],
  [
    'was put off without a reply',
    [refused],
    { delivery: 'delayed' as const },
    'Its mail is not handed over yet and is tried again.',
  ],
  [
    'was put off, and the mail of the first was refused later',
    [delayed, refused],
    { delivery: 'delayed' as const },
    'Its mail is not handed over yet (451 later) and is tried again.',
  ],
  [
    'was never handed over, and the mail of the first was refused',
    [delayed, refused],
    wiped,
    'Its mail could not be handed over in time (451 later).',
  ],
  [
    'was refused itself',
    [refused, { event: 'code_not_deliverable', detail: { number: 2, reply: '552 mailbox full' } } as const],
    wiped,
    'Its mail could not be delivered (552 mailbox full): please check the address.',
  ],
])('a second code that %s is told by what its own mail met', (_what, told, changes, sentence) => {
  const story = storyOf([first, codeOf(2, changes)], told)

  expect(sentenceOf(story).startsWith(`${sentence} The code is good until 2026-11-25 12:05 UTC`)).toBe(true)
})

test('a mail of an unknown end is to be looked for, also in the spam folder', () => {
  const story = storyOf([codeOf(1, { delivery: 'unknown' })], [])

  expect(sentenceOf(story)).toMatch(
    /^Its mail may have arrived or not: please look, also in the spam folder\. /,
  )
})

test('without a record of a code nothing is said of its mail', () => {
  expect(sentenceOf(storyOf([], [delayed]))).toBe(
    'The code is good until 2026-11-25 12:05 UTC; 5 of 5 tries are left.',
  )
})
