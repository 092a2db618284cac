import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { answerJson, answerProblem, startAnsweringServer } from './answering-server.ts'

test('a refused connection is unreachable by network', async () => {
  const server = await startAnsweringServer(() => {})
  await server[Symbol.asyncDispose]()
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'network' } })
})

test('a server killed before it answers is unreachable by network', async () => {
  await using server = await startAnsweringServer((response) => response.destroy())
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).verify({ code: '123456' })
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'network' } })
})

test('a server that never answers is unreachable by timeout', async () => {
  await using server = await startAnsweringServer(() => {})
  const answer = await createClient({ baseUrl: server.baseUrl, timeoutInMs: 50, retries: 0 }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'timeout' } })
})

test('an answer that stops half way is unreachable by timeout', async () => {
  await using server = await startAnsweringServer((response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.write('{"state":')
  })
  const answer = await createClient({ baseUrl: server.baseUrl, timeoutInMs: 50, retries: 0 }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'timeout' } })
})

test('the error page of a proxy is unreachable by an unexpected answer, with its status and wait', async () => {
  await using server = await startAnsweringServer((response) =>
    response.writeHead(502, { 'content-type': 'text/html', 'retry-after': '4' }).end('<h1>Bad gateway</h1>'),
  )
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).session()
  expect(answer).toMatchObject({
    ok: false,
    problem: { code: 'unreachable', cause: 'unexpected_answer', status: 502, retryAfterInSeconds: 4 },
  })
})

test('a success that is no session view is an unexpected answer', async () => {
  await using server = await startAnsweringServer((response) => answerJson(response, 200, { state: 'lost' }))
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'unexpected_answer' } })
})

test('a captive portal that answers 200 with a page is an unexpected answer', async () => {
  await using server = await startAnsweringServer((response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hotel Wi-Fi</h1>'),
  )
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'unexpected_answer' } })
})

test('a problem with a code of a newer server is an unexpected answer', async () => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 418, code: 'teapot' }),
  )
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).session()
  expect(answer).toMatchObject({
    ok: false,
    problem: { code: 'unreachable', cause: 'unexpected_answer', status: 418 },
  })
})

test('a body that is not JSON at all is an unexpected answer', async () => {
  await using server = await startAnsweringServer((response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"state":'),
  )
  const answer = await createClient({ baseUrl: server.baseUrl, retries: 0 }).session()
  expect(answer).toMatchObject({ ok: false, problem: { code: 'unreachable', cause: 'unexpected_answer' } })
})
