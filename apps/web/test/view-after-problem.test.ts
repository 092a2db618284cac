import type { Problem, RefusalCode } from '@holdfast/client'
import { expect, test } from 'vitest'
import { stepOf } from '../src/step.ts'
import { viewAfterProblem } from '../src/view-after-problem.ts'
import { codeSentView, sentAtMs, signedInView } from './code-sent-view.ts'

const refusal = (code: RefusalCode, fields = {}): Problem => ({
  code,
  status: 400,
  title: '',
  detail: '',
  ...fields,
})

test.each([
  [refusal('verification_session_not_found'), 'address'],
  [refusal('code_expired'), 'expired'],
  [refusal('too_many_attempts'), 'exhausted'],
  [refusal('code_incorrect', { attemptsLeft: 0 }), 'exhausted'],
  [refusal('code_incorrect', { attemptsLeft: 2 }), 'code'],
  [refusal('rate_limited'), 'code'],
])('a verification refused with $code leads to the step %s', (problem, step) => {
  const nowMs = sentAtMs + 1000
  expect(stepOf(viewAfterProblem(codeSentView(), problem, nowMs), problem, nowMs)).toBe(step)
})

test('a wrong code lowers the tries left', () => {
  const view = viewAfterProblem(codeSentView(), refusal('code_incorrect', { attemptsLeft: 2 }), sentAtMs)
  expect(view).toMatchObject({ verification: { attemptsLeft: 2 } })
})

test('a sign-in that has ended leads to the address form', () => {
  expect(viewAfterProblem(signedInView, refusal('not_signed_in'), sentAtMs)).toEqual({ state: 'anonymous' })
})

test('an outage never changes where the person is', () => {
  const outage: Problem = { code: 'unreachable', cause: 'network', detail: '' }
  expect(viewAfterProblem(signedInView, outage, sentAtMs)).toBe(signedInView)
})
