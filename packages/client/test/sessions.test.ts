import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { answerJson, answerProblem, startAnsweringServer } from './answering-server.ts'

const session = {
  id: 'AAAAAAAAAAAAAAAAAAAAAA',
  authTime: '2026-01-01T00:00:00.000Z',
  lastSeenAt: '2026-01-02T00:00:00.000Z',
  expiresAt: '2026-01-31T00:00:00.000Z',
  amr: ['otp'],
  current: true,
}

test('sessions answers the list', async () => {
  await using server = await startAnsweringServer((response) =>
    answerJson(response, 200, { sessions: [session] }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).sessions()
  expect(answer).toMatchObject({ ok: true, sessions: [session] })
  expect(server.heard).toMatchObject([{ method: 'GET', path: '/auth/sessions' }])
})

test('sessions keeps a token that comes with the list, and keeps it out of the answer', async () => {
  await using server = await startAnsweringServer((response) =>
    answerJson(response, 200, { sessions: [session], token: 'newer' }),
  )
  const client = createClient({ baseUrl: server.baseUrl, transport: 'bearer', token: 'older' })
  expect(JSON.stringify(await client.sessions())).not.toContain('newer')
  expect(client.token()).toBe('newer')
})

test.each([
  ['no list', { sessions: 'none' }],
  ['a list of something else', { sessions: [{ id: 1 }] }],
  ['a view', { state: 'anonymous' }],
])('sessions takes %s for an unexpected answer', async (_name, body) => {
  await using server = await startAnsweringServer((response) => answerJson(response, 200, body))
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).sessions()
  expect(answer).toMatchObject({ ok: false, problem: { cause: 'unexpected_answer' } })
})

test('endSession names the session in the path, whatever characters it has', async () => {
  await using server = await startAnsweringServer((response) => response.writeHead(204).end())
  const client = createClient({ baseUrl: server.baseUrl, retries: 0 })
  expect(await client.endSession(session.id)).toMatchObject({ ok: true })
  await client.endSession('../check?x')
  expect(server.heard.map(({ method, path, body }) => [method, path, body])).toEqual([
    ['DELETE', `/auth/sessions/${session.id}`, undefined],
    ['DELETE', '/auth/sessions/..%2Fcheck%3Fx', undefined],
  ])
})

test('check answers who is signed in', async () => {
  await using server = await startAnsweringServer((response) =>
    response.writeHead(204, { 'x-holdfast-account': '01J', 'x-holdfast-email': 'ada@example.com' }).end(),
  )
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).check()
  expect(answer).toMatchObject({ ok: true, account: { id: '01J', email: 'ada@example.com' } })
  expect(server.heard).toMatchObject([{ method: 'GET', path: '/auth/check' }])
})

test.each([
  ['a 204 that names nobody', 204],
  ['a 200', 200],
])('check takes %s for an unexpected answer', async (_name, status) => {
  await using server = await startAnsweringServer((response) => response.writeHead(status).end())
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).check()
  expect(answer).toMatchObject({ ok: false, problem: { cause: 'unexpected_answer' } })
})

test('a refusal says why nobody is signed in', async () => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 401, code: 'not_signed_in', reason: 'idle_timeout' }),
  )
  const client = createClient({ baseUrl: server.baseUrl, retries: 0 })
  for (const answer of [await client.sessions(), await client.endSession('x'), await client.check()]) {
    expect(answer).toMatchObject({ ok: false, problem: { code: 'not_signed_in', reason: 'idle_timeout' } })
  }
})
