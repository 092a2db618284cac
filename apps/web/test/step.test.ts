import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { expect, test } from 'vitest'
import { stepOf } from '../src/step.ts'
import { titleOf } from '../src/title.ts'
import { codeSentView, sentAtMs, signedInView } from './code-sent-view.ts'

test.each([
  ['loading before the first answer', null, false, 0, 'loading'],
  ['unreachable when there was none', null, true, 0, 'unreachable'],
  ['address', { state: 'anonymous' } as const, false, 0, 'address'],
  ['address with a problem', { state: 'anonymous' } as const, true, 0, 'address'],
  ['code', codeSentView(), false, 599_999, 'code'],
  ['mail_failed where the only one has', codeSentView({ delivery: 'failed' }), false, 0, 'mail_failed'],
  [
    'code where an earlier mail may be there',
    codeSentView({ delivery: 'failed', sends: 2 }),
    false,
    0,
    'code',
  ],
  ['expired at the moment the last code ends', codeSentView(), false, 600_000, 'expired'],
  ['exhausted', codeSentView({ attemptsLeft: 0 }), false, 0, 'exhausted'],
  ['exhausted, though also expired', codeSentView({ attemptsLeft: 0 }), false, 600_000, 'exhausted'],
  ['signed_in', signedInView, false, 0, 'signed_in'],
] as const)('the step is %s', (_title, view, hasProblem, passedInMs, step) => {
  expect(stepOf(view, hasProblem, sentAtMs + passedInMs)).toBe(step)
})

test('the title names the step before the app', async () => {
  const messages = await loadCompiledMessages('en')
  expect(titleOf('code', 'Acme', messages)).toBe('Enter your code · Acme')
})
