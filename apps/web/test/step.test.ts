import type { Problem } from '@holdfast/client'
import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { expect, test } from 'vitest'
import { stepOf } from '../src/step.ts'
import { titleOf } from '../src/title.ts'
import { codeSentView, sentAtMs, signedInView } from './code-sent-view.ts'

const outage: Problem = { code: 'unreachable', cause: 'network', detail: '' }
const fault: Problem = { code: 'internal', status: 500, title: '', detail: '' }

test.each([
  ['loading before the first answer', null, null, 0, 'loading'],
  ['unreachable when there was none', null, outage, 0, 'unreachable'],
  ['fault when the first answer was one', null, fault, 0, 'fault'],
  ['address', { state: 'anonymous' } as const, null, 0, 'address'],
  ['address with a problem', { state: 'anonymous' } as const, fault, 0, 'address'],
  ['code', codeSentView(), null, 599_999, 'code'],
  ['mail_failed where the only one has', codeSentView({ delivery: 'failed' }), null, 0, 'mail_failed'],
  [
    'code where an earlier mail may be there',
    codeSentView({ delivery: 'failed', sends: 2 }),
    null,
    0,
    'code',
  ],
  ['expired at the moment the last code ends', codeSentView(), null, 600_000, 'expired'],
  ['exhausted', codeSentView({ attemptsLeft: 0 }), null, 0, 'exhausted'],
  ['exhausted, though also expired', codeSentView({ attemptsLeft: 0 }), null, 600_000, 'exhausted'],
  ['signed_in', signedInView, null, 0, 'signed_in'],
] as const)('the step is %s', (_title, view, problem, passedInMs, step) => {
  expect(stepOf(view, problem, sentAtMs + passedInMs)).toBe(step)
})

test('the title names the step before the app', async () => {
  const messages = await loadCompiledMessages('en')
  expect(titleOf('code', 'Acme', messages)).toBe('Enter your code · Acme')
})
