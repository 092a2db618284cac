import { expect, test } from 'vitest'
import { type Answer, type Client, createClient } from '../src/index.ts'
import { answerJson, startAnsweringServer } from './answering-server.ts'

function codeSent(sentAtMs: number, attemptsLeft = 5) {
  const at = (seconds: number) => new Date(sentAtMs + seconds * 1000).toISOString()
  const verification = {
    reference: 'HF-7K3M-9QXP',
    type: 'login',
    email: 'a•••@example.com',
    sentAt: at(0),
    expiresAt: at(600),
    resendAt: at(30),
    sends: 1,
    attemptsLeft,
    codeLength: 6,
    delivery: 'sent',
  }
  return { state: 'code_sent', verification }
}

const anonymous = { state: 'anonymous' }
const nowMs = Date.UTC(2026, 0, 1, 12)
const date = { date: new Date(nowMs).toUTCString() }

const calls: [string, (client: Client) => Promise<Answer>][] = [
  ['send', (client) => client.send({ email: 'ada@example.com' })],
  ['resend', (client) => client.resend()],
]

test.each(calls)(
  '%s, its answers lost, is repeated under one name, and another call has another',
  async (name, call) => {
    await using server = await startAnsweringServer((response) => {
      if (server.heard.length < 3) return void response.destroy()
      answerJson(response, 202, codeSent(nowMs), date)
    })
    const client = createClient({ baseUrl: server.baseUrl, wait: async () => {} })
    expect(await call(client)).toMatchObject({ ok: true, view: { state: 'code_sent' } })
    await call(client)

    expect(server.heard.map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(4).fill(`POST /auth/otp/${name}`),
    )
    const names = server.heard.map(({ headers }) => headers['idempotency-key'])
    for (const each of names) expect(each).toMatch(/^[0-9a-f]{32}$/)
    expect([new Set(names.slice(0, 3)).size, new Set(names).size]).toEqual([1, 2])
  },
)

test('no other call has a name', async () => {
  await using server = await startAnsweringServer((response) =>
    answerJson(response, 200, { state: 'anonymous' }),
  )
  const client = createClient({ baseUrl: server.baseUrl })
  await client.session()
  await client.verify({ code: '123456' })
  await client.logout()
  expect(server.heard.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(3).fill(undefined))
})

/** A server that hears each guess and loses the answer; a look finds what so many guesses have led to. */
async function startGuessedServer(evaluate: (guesses: number) => object) {
  let guesses = 0
  const server = await startAnsweringServer((response, { method }) => {
    if (method === 'GET') return answerJson(response, 200, evaluate(guesses), date)
    guesses += 1
    response.destroy()
  })
  const client = createClient({ baseUrl: server.baseUrl, wait: async () => {} })
  return { client, guesses: () => guesses, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a wrong code whose answers are lost costs two tries at most, and is told as wrong', async () => {
  await using server = await startGuessedServer((guesses) => codeSent(nowMs, 5 - guesses))
  expect(await server.client.verify({ code: '123456' })).toMatchObject({
    ok: false,
    problem: { code: 'code_incorrect', status: 403, attemptsLeft: 3, reference: 'HF-7K3M-9QXP' },
  })
  expect(server.guesses()).toBe(2)
})

test('a code that never came to the server is sent as often as any other call', async () => {
  await using server = await startGuessedServer(() => codeSent(nowMs))
  expect(await server.client.verify({ code: '123456' })).toMatchObject({ problem: { code: 'unreachable' } })
  expect(server.guesses()).toBe(5)
})

test('a right code whose answers are lost is sent until one comes', async () => {
  await using server = await startAnsweringServer((response, { method }) => {
    const guesses = server.heard.filter((request) => request.method === 'POST').length
    if (method === 'GET') return answerJson(response, 200, guesses > 1 ? anonymous : codeSent(nowMs), date)
    if (guesses < 4) return void response.destroy()
    answerJson(response, 200, anonymous)
  })
  const client = createClient({ baseUrl: server.baseUrl, wait: async () => {} })
  expect(await client.verify({ code: '123456' })).toMatchObject({ ok: true })
})
