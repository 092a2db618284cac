import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type Client, createClient, type Retry } from '../src/index.ts'
import { answerJson, answerProblem, startAnsweringServer } from './answering-server.ts'

const anonymous = { state: 'anonymous' }
const atOnce = async () => {}

/** A server that fails the first so many requests, each in another way, and answers the others. */
function startFailingServer(failures: ('dropped' | 502 | 503 | 504)[]) {
  let count = 0
  return startAnsweringServer((response) => {
    const failure = failures[count++]
    if (failure === undefined) return answerJson(response, 200, anonymous)
    if (failure === 'dropped') return void response.destroy()
    if (failure === 503) return answerProblem(response, { status: 503, code: 'store_unavailable' })
    response.writeHead(failure, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>')
  })
}

test('a call goes on over broken connections, 502, 503 and 504, and tells of each wait', async () => {
  await using server = await startFailingServer(['dropped', 502, 503, 504])
  const retries: Retry[] = []
  const client = createClient({
    baseUrl: server.baseUrl,
    wait: atOnce,
    onRetry: (retry) => retries.push(retry),
  })

  expect(await client.session()).toMatchObject({ ok: true, view: anonymous })

  expect(server.heard.map(({ path }) => path)).toEqual(Array(5).fill('/auth/session'))
  expect(retries).toMatchObject([
    { call: 'session', attempts: 1, problem: { code: 'unreachable', cause: 'network' } },
    { call: 'session', attempts: 2, problem: { code: 'unreachable', status: 502 } },
    { call: 'session', attempts: 3, problem: { code: 'store_unavailable' } },
    { call: 'session', attempts: 4, problem: { code: 'unreachable', status: 504 } },
  ])
})

const calls: [string, (client: Client) => Promise<{ ok: boolean }>][] = [
  ['session', (client) => client.session()],
  ['cancel', (client) => client.cancel()],
  ['logout', (client) => client.logout()],
  ['sessions', (client) => client.sessions()],
  ['endSession', (client) => client.endSession('x')],
  ['check', (client) => client.check()],
]

test.each(calls)('%s is repeated as it was', async (_name, call) => {
  await using server = await startAnsweringServer((response) => {
    if (server.heard.length < 3) return void response.destroy()
    answerProblem(response, { status: 401, code: 'not_signed_in' })
  })
  const answer = await call(createClient({ baseUrl: server.baseUrl, wait: atOnce }))
  expect(answer).toMatchObject({ ok: false, problem: { code: 'not_signed_in' } })
  const [first, ...repetitions] = server.heard.map(({ method, path, body }) => ({ method, path, body }))
  expect(repetitions).toEqual([first, first])
})

test('a refusal is the answer and is not repeated', async () => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 429, code: 'rate_limited' }, { 'retry-after': '1' }),
  )
  const client = createClient({ baseUrl: server.baseUrl, wait: atOnce })
  expect(await client.verify({ code: '123456' })).toMatchObject({ problem: { code: 'rate_limited' } })
  expect(server.heard.length).toBe(1)
})

test.each([
  ['by default four', {}, 5],
  ['as many as the client was told', { retries: 1 }, 2],
  ['none where it was told so', { retries: 0 }, 1],
])('repetitions are %s, then the last failure is the outcome', async (_many, options, requests) => {
  await using server = await startAnsweringServer((response) => response.destroy())
  const answer = await createClient({ baseUrl: server.baseUrl, wait: atOnce, ...options }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'network' } })
  expect(server.heard.length).toBe(requests)
})

test('one call may be told otherwise than the client', async () => {
  await using server = await startAnsweringServer((response) => response.destroy())
  await createClient({ baseUrl: server.baseUrl, wait: atOnce }).session({ retries: 2 })
  expect(server.heard.length).toBe(3)
})

test('a Retry-After is kept', async () => {
  await using server = await startAnsweringServer((response) => {
    if (server.heard.length > 1) return answerJson(response, 200, anonymous)
    answerProblem(response, { status: 503, code: 'overloaded' }, { 'retry-after': '7' })
  })
  const waits: number[] = []
  const wait = async (waitInMs: number) => void waits.push(waitInMs)
  await createClient({ baseUrl: server.baseUrl, wait }).session()
  expect(waits).toEqual([expect.any(Number)])
  expect(waits[0]).toBeGreaterThanOrEqual(7000)
})

test('a Retry-After beyond the time of the whole call ends it at once', async () => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 503, code: 'overloaded' }, { 'retry-after': '60' }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'overloaded', retryAfterInSeconds: 60 } })
  expect(server.heard.length).toBe(1)
})

describe('an attempt that hangs', () => {
  /** A server that lets time pass instead of an answer when it has heard a request, the first so many times. */
  function startHangingServer(passedMs: number, times = Number.POSITIVE_INFINITY) {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    onTestFinished(() => void vi.useRealTimers())
    let heard = 0
    return startAnsweringServer((response) => {
      heard += 1
      if (heard > times) answerJson(response, 200, anonymous)
      else vi.advanceTimersByTime(passedMs)
    })
  }

  test('is ended by the time of the whole call', async () => {
    await using server = await startHangingServer(5_000)
    const client = createClient({ baseUrl: server.baseUrl, timeoutInMs: 600_000, totalTimeoutInMs: 5_000 })
    expect(await client.session()).toMatchObject({ ok: false, problem: { cause: 'timeout' } })
    expect(server.heard.length).toBe(1)
  })

  test('is given up where there is no such end, and the next one made', async () => {
    await using server = await startHangingServer(5_000, 2)
    const client = createClient({
      baseUrl: server.baseUrl,
      wait: atOnce,
      timeoutInMs: 5_000,
      totalTimeoutInMs: Number.POSITIVE_INFINITY,
      retries: Number.POSITIVE_INFINITY,
    })
    expect(await client.session()).toMatchObject({ ok: true })
    expect(server.heard.length).toBe(3)
  })
})
