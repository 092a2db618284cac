import type { DevState } from '@holdfast/page-data/dev'
import { expect, test } from 'vitest'
import { isOtherProcess, judgeRestart, whatHolds } from '../src/dev/overview/restart.ts'
import { codeSentView } from './code-sent-view.ts'

type View = DevState['session']['view']

const signedIn = (id: string): View => ({
  state: 'signed_in',
  account: { id: 'a', email: 'ada@example.com' },
  signIn: { id, authTime: '2026-01-01T00:00:00.000Z', expiresAt: '2026-02-01T00:00:00.000Z', amr: ['otp'] },
})

function stateWith(view: View, reason: string | null = null, pid = 1): DevState {
  return {
    server: { instance: null, version: '0', pid, startedAt: '2026-01-01T00:00:00.000Z', now: '' },
    session: { presented: null, holds: true, reason, view },
    story: null,
    keyRing: { ringId: '', epoch: 1, keys: [] },
    store: { generation: '', pendingVerifications: 1, liveSignIns: 2 },
  }
}

test.each<[string, View, View, string | null, 'held' | 'lost' | 'nothing']>([
  ['the same verification', codeSentView(), codeSentView(), null, 'held'],
  ['a verification that became a sign-in meanwhile', codeSentView(), signedIn('one'), null, 'held'],
  ['the same sign-in', signedIn('one'), signedIn('one'), null, 'held'],
  ['another sign-in', signedIn('one'), signedIn('two'), null, 'lost'],
  [
    'another verification',
    codeSentView({ reference: 'HF-1' }),
    codeSentView({ reference: 'HF-2' }),
    null,
    'lost',
  ],
  ['nobody any more', signedIn('one'), { state: 'anonymous' }, 'session_unknown', 'lost'],
  ['nobody as before', { state: 'anonymous' }, { state: 'anonymous' }, 'cookie_missing', 'nothing'],
])('%s after a restart is judged as it is', (_title, before, after, reason, held) => {
  const outcome = judgeRestart(stateWith(before), stateWith(after, reason))

  expect(outcome.held).toBe(held)
  if (reason === 'session_unknown') expect(outcome.text).toContain('session_unknown')
})

test('a process with the same id that started at another time is another one', () => {
  const one = stateWith(codeSentView())
  const later = { ...one, server: { ...one.server, startedAt: '2026-01-01T00:00:01.000Z' } }

  expect(isOtherProcess(one, stateWith(codeSentView()))).toBe(false)
  expect(isOtherProcess(one, later)).toBe(true)
  expect(isOtherProcess(one, stateWith(codeSentView(), null, 2))).toBe(true)
})

test('what is said to hold is what the session has', () => {
  expect(whatHolds(stateWith(codeSentView({ attemptsLeft: 1, delivery: 'sent' }))).join(' ')).toMatch(
    /1 try left.*no second one.*2 live sign-ins, 1 live verification/,
  )
  expect(whatHolds(stateWith(codeSentView({ delivery: 'queued' }))).join(' ')).toContain(
    'goes out afterwards',
  )
  expect(whatHolds(stateWith(signedIn('one'))).join(' ')).toContain('ada@example.com')
  expect(whatHolds(stateWith({ state: 'anonymous' })).join(' ')).toContain('no session in this browser yet')
})
