import { expect, test } from 'vitest'
import { createClient, refusalCodes } from '../src/index.ts'
import { answerProblem, startAnsweringServer } from './answering-server.ts'

test.each(refusalCodes)('a refusal with code %s is a value', async (code) => {
  const body = {
    type: `about:blank#${code}`,
    title: 'Title',
    status: 422,
    detail: 'Detail.',
    code,
    requestId: 'r1',
  }
  await using server = await startAnsweringServer((response) => answerProblem(response, body))
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).verify({ code: '1' })
  expect(answer).toMatchObject({
    ok: false,
    problem: { code, status: 422, title: 'Title', detail: 'Detail.', requestId: 'r1' },
  })
})

test('a refusal carries tries left, reason, reference and errors', async () => {
  const fields = {
    attemptsLeft: 3,
    reason: 'store_replaced',
    reference: 'HF-7K3M-9QXP',
    errors: [{ path: 'email', message: 'Not an email address.' }],
  }
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 409, code: 'verification_session_not_found', ...fields }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl }).resend()
  expect(answer).toMatchObject({ ok: false, problem: fields })
})

test('a reason outside the closed list is left out', async () => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 401, code: 'not_signed_in', reason: 'bad_weather' }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl }).logout()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'not_signed_in' } })
  expect(answer).not.toHaveProperty('problem.reason')
})

test.each([
  ['seconds', '17', 17],
  ['a date in the past', 'Thu, 01 Jan 2015 00:00:00 GMT', 0],
])('Retry-After as %s becomes retryAfterInSeconds', async (_form, header, expected) => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 429, code: 'rate_limited' }, { 'retry-after': header }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl }).resend()
  expect(answer).toMatchObject({ ok: false, problem: { retryAfterInSeconds: expected } })
})
