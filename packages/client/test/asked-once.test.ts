import type { ServerResponse } from 'node:http'
import { expect, test } from 'vitest'
import { type Answer, type Client, createClient } from '../src/index.ts'
import { answerJson, answerProblem, startAnsweringServer } from './answering-server.ts'

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

/** A server that loses the answer to the first request, and then answers looks and other requests so. */
async function startLosingServer(look: (response: ServerResponse) => void) {
  const server = await startAnsweringServer((response, { method }) => {
    if (server.heard.length === 1) return void response.destroy()
    if (method === 'GET') return look(response)
    answerJson(response, 202, codeSent(nowMs), date)
  })
  const client = createClient({ baseUrl: server.baseUrl, wait: async () => {} })
  const asked = () => server.heard.map(({ method, path }) => `${method} ${path}`)
  return { client, asked, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const both: [string, (client: Client) => Promise<Answer>][] = [
  ['send', (client) => client.send({ email: 'ada@example.com' })],
  ['resend', (client) => client.resend()],
]

test.each(both)('%s, its answer lost, is not repeated when the code was asked for', async (name, call) => {
  await using server = await startLosingServer((response) =>
    answerJson(response, 200, codeSent(nowMs + 300), date),
  )
  expect(await call(server.client)).toMatchObject({ ok: true, view: { state: 'code_sent' } })
  expect(server.asked()).toEqual([`POST /auth/otp/${name}`, 'GET /auth/session'])
})

test.each([
  ['nothing is under way', anonymous],
  ['only an earlier code is under way', codeSent(nowMs - 60_000)],
])('a send whose answer was lost is repeated when %s', async (_what, view) => {
  await using server = await startLosingServer((response) => answerJson(response, 200, view, date))
  expect(await server.client.send({ email: 'ada@example.com' })).toMatchObject({ ok: true })
  expect(server.asked()).toEqual(['POST /auth/otp/send', 'GET /auth/session', 'POST /auth/otp/send'])
})

test('nothing is asked for again as long as the look gets no answer', async () => {
  let looks = 0
  await using server = await startLosingServer((response) => {
    if (++looks < 3) return answerProblem(response, { status: 503, code: 'store_unavailable' })
    answerJson(response, 200, codeSent(nowMs), date)
  })
  expect(await server.client.send({ email: 'ada@example.com' })).toMatchObject({ ok: true })
  expect(server.asked()).toEqual(['POST /auth/otp/send', ...Array(3).fill('GET /auth/session')])
})

test('a server that does not say its time is asked again, as nobody can tell which code that is', async () => {
  await using server = await startLosingServer((response) => {
    response.sendDate = false
    answerJson(response, 200, codeSent(nowMs))
  })
  await server.client.send({ email: 'ada@example.com' })
  expect(server.asked().at(-1)).toBe('POST /auth/otp/send')
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
