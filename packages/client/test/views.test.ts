import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { answerJson, startAnsweringServer } from './answering-server.ts'

const codeSent = {
  state: 'code_sent',
  verification: {
    reference: 'HF-7K3M-9QXP',
    type: 'login',
    email: 'a•••@example.com',
    sentAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-01T00:10:00.000Z',
    resendAt: '2026-01-01T00:00:30.000Z',
    sends: 1,
    attemptsLeft: 5,
    codeLength: 6,
    delivery: 'queued',
  },
}

test('send posts the address as JSON and answers the view', async () => {
  await using server = await startAnsweringServer((response) => answerJson(response, 202, codeSent))
  const client = createClient({ baseUrl: server.baseUrl })

  const answer = await client.send({ email: 'ada@example.com' })

  expect(answer).toMatchObject({ ok: true, view: codeSent })
  expect(server.heard).toMatchObject([
    { method: 'POST', path: '/auth/otp/send', body: { email: 'ada@example.com' } },
  ])
  expect(server.heard[0]?.headers['content-type']).toBe('application/json')
})

test('every call uses the method, path and body of the contract', async () => {
  await using server = await startAnsweringServer((response) =>
    answerJson(response, 200, { state: 'anonymous' }),
  )
  const client = createClient({ baseUrl: `${server.baseUrl}/`, retries: 0 })

  await client.send({ email: 'ada@example.com', type: 'signup' })
  await client.resend()
  await client.verify({ code: '123456' })
  await client.cancel()
  await client.session()
  await client.logout()
  await client.logout({ everywhere: true })

  expect(server.heard.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['POST', '/auth/otp/send', { email: 'ada@example.com', type: 'signup' }],
    ['POST', '/auth/otp/resend', {}],
    ['POST', '/auth/otp/verify', { code: '123456' }],
    ['DELETE', '/auth/otp', undefined],
    ['GET', '/auth/session', undefined],
    ['POST', '/auth/logout', {}],
    ['POST', '/auth/logout', { everywhere: true }],
  ])
})

test('logout reads an empty 204 as an anonymous session; cancel does not, as somebody may be signed in', async () => {
  await using server = await startAnsweringServer((response) => response.writeHead(204).end())
  const client = createClient({ baseUrl: server.baseUrl })
  expect(await client.logout()).toMatchObject({ ok: true, view: { state: 'anonymous' } })
  expect(await client.cancel()).toEqual({ ok: true, answeredAtMs: expect.any(Number) })
})

test('an answer carries the time of the server, not of the caller', async () => {
  await using server = await startAnsweringServer((response) =>
    answerJson(response, 200, { state: 'anonymous' }, { date: 'Thu, 01 Jan 2026 00:00:05 GMT' }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl }).session()
  expect(answer.answeredAtMs).toBe(Date.UTC(2026, 0, 1, 0, 0, 5))
})

test('createClient refuses to guess a baseUrl outside a browser', () => {
  expect(() => createClient()).toThrow(/expected a baseUrl/)
})
