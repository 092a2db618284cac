import { deliveries, type Refusal, reasons, refusalCodes, type Unreachable } from '@holdfast/client'
import { languageTags } from '@holdfast/messages'
import { loadCompiledMessages } from '@holdfast/messages/load-compiled'
import { expect, test } from 'vitest'
import { reasonWords } from '../src/reason-words.ts'
import { deliveryLead, deliveryNote, describeProblem, expiredLead, refusalWords } from '../src/words.ts'

const english = await loadCompiledMessages('en')
const causes: Unreachable['cause'][] = ['network', 'timeout', 'unexpected_answer']

const refusal = (fields: Partial<Refusal>): Refusal => ({
  code: 'internal',
  status: 400,
  title: '',
  detail: '',
  ...fields,
})

test('the table of words covers every code and nothing else', () => {
  expect(Object.keys(refusalWords).sort()).toEqual([...refusalCodes].sort())
})

test.each(refusalCodes)('%s says what happened and what to do, in sentences', (code) => {
  const { title, advice } = describeProblem(refusal({ code }), english)
  expect(title).toMatch(/^[A-Z].*\.$/)
  expect(advice).toMatch(/^[A-Z].*\.$/)
})

test.each(languageTags)('in %s every problem, reason and delivery has its words', async (language) => {
  const messages = await loadCompiledMessages(language)
  const problems = [
    ...refusalCodes.map((code) => refusal({ code, attemptsLeft: 2, retryAfterInSeconds: 700 })),
    ...causes.map((cause) => ({ code: 'unreachable' as const, cause, detail: '' })),
  ]
  const said = [
    ...problems.flatMap((problem) => Object.values(describeProblem(problem, messages))),
    ...reasons.flatMap((reason) => Object.values(reasonWords(reason, messages))),
    ...deliveries.map((delivery) => deliveryNote(delivery, messages)),
    ...deliveries.map((delivery) =>
      deliveryLead(delivery, 'a•••@example.com', messages)
        .map(({ text }) => text)
        .join(''),
    ),
  ]
  for (const words of said) {
    expect(words).not.toMatch(/undefined|[{}<>]/)
    expect(words.length).toBeGreaterThan(3)
  }
})

test.each([
  ['sent', /^Codes only work for a few minutes/],
  ['unknown', /^Codes only work for a few minutes/],
  ['queued', /could not be sent before/],
  ['delayed', /could not be sent before/],
  ['failed', /could not be sent before/],
] as const)(
  'of a code that expired while its mail was %s it is said whether it can have arrived',
  (delivery, words) => {
    const said = expiredLead(delivery, 'a•••@example.com', english)
    expect(said.map(({ text }) => text).join('')).toMatch(words)
  },
)

test.each(causes)('unreachable by %s says that nothing is lost', (cause) => {
  const { advice } = describeProblem({ code: 'unreachable', cause, detail: '' }, english)
  expect(advice).toMatch(/nothing is lost/i)
})

test.each(reasons)(
  'a verification lost by %s shows the words of the server, why, and what to do',
  (reason) => {
    const detail = 'Verification session not found. Please start over.'
    const problem = refusal({ code: 'verification_session_not_found', detail, reason })
    const words = describeProblem(problem, english)
    expect(words.title).toBe(detail)
    const { story, advice } = reasonWords(reason, english)
    expect(words.advice).toBe(`${story} ${advice}`)
  },
)

test.each([
  [1, 'One try left.'],
  [3, '3 tries left.'],
])('a wrong code with %i tries left says so', (attemptsLeft, advice) => {
  const problem = refusal({ code: 'code_incorrect', attemptsLeft })
  expect(describeProblem(problem, english).advice).toBe(advice)
})

test('a rate limit says when to try again', async () => {
  const limited = refusal({ code: 'rate_limited', retryAfterInSeconds: 700 })
  expect(describeProblem(limited, english).advice).toBe('You can try again in 12 minutes.')
  const polish = await loadCompiledMessages('pl')
  expect(describeProblem(limited, polish).advice).toBe('Możesz spróbować ponownie za 12 minut.')
})

test('too many wrong codes are not called too many requests', () => {
  const limited = refusal({ code: 'rate_limited', retryAfterInSeconds: 700 })
  expect(describeProblem(limited, english, 'verify')).toEqual({
    title: 'Too many wrong codes for this address.',
    advice: 'You can try again in 12 minutes.',
  })
})

test.each(reasons)('%s says what it means, what happened and what to do, in sentences', (reason) => {
  const { title, story, advice } = reasonWords(reason, english)
  expect(title).toMatch(/^(You are signed out|Please start over)$/)
  expect(story).toMatch(/^[A-Z].*\.$/)
  expect(advice).toMatch(/(enter|sign in|carry on|ask support).*\.$/i)
})

test('an invalid code is not called an invalid address', () => {
  const errors = [{ path: 'code', message: 'Required' }]
  expect(describeProblem(refusal({ code: 'invalid_request', errors }), english).title).toMatch(/code/)
})
