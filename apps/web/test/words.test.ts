import { deliveries, type Refusal, reasons, refusalCodes } from '@holdfast/client'
import { expect, test } from 'vitest'
import { deliveryWords, describeProblem, reasonWords, refusalWords, unreachableWords } from '../src/words.ts'

const refusal = (fields: Partial<Refusal>): Refusal => ({
  code: 'internal',
  status: 400,
  title: '',
  detail: '',
  ...fields,
})

test('the tables of words cover every code, reason and delivery, and nothing else', () => {
  expect(Object.keys(refusalWords).sort()).toEqual([...refusalCodes].sort())
  expect(Object.keys(reasonWords).sort()).toEqual([...reasons].sort())
  expect(Object.keys(deliveryWords).sort()).toEqual([...deliveries].sort())
})

test.each(refusalCodes)('%s says what happened and what to do, in sentences', (code) => {
  const { title, advice } = describeProblem(refusal({ code }))
  expect(title).toMatch(/^[A-Z].*\.$/)
  expect(advice).toMatch(/^[A-Z].*\.$/)
})

test.each(Object.keys(unreachableWords) as (keyof typeof unreachableWords)[])(
  'unreachable by %s says that nothing is lost',
  (cause) => {
    expect(describeProblem({ code: 'unreachable', cause, detail: '' }).advice).toMatch(/nothing is lost/i)
  },
)

test.each(reasons)(
  'a verification lost by %s shows the words of the server, why, and what to do',
  (reason) => {
    const detail = 'Verification session not found. Please start over.'
    const words = describeProblem(refusal({ code: 'verification_session_not_found', detail, reason }))
    expect(words.title).toBe(detail)
    expect(words.advice).toBe(`${reasonWords[reason]} Enter your email address to get a new code.`)
  },
)

test.each([
  [1, 'One try left.'],
  [3, '3 tries left.'],
])('a wrong code with %i tries left says so', (attemptsLeft, advice) => {
  expect(describeProblem(refusal({ code: 'code_incorrect', attemptsLeft })).advice).toBe(advice)
})

test('a rate limit says when to try again', () => {
  const words = describeProblem(refusal({ code: 'rate_limited', retryAfterInSeconds: 700 }))
  expect(words.advice).toBe('You can try again in 12 minutes.')
})

test('an invalid code is not called an invalid address', () => {
  const errors = [{ path: 'code', message: 'Required' }]
  expect(describeProblem(refusal({ code: 'invalid_request', errors })).title).toMatch(/code/)
})
