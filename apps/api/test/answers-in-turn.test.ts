import { once } from 'node:events'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { parseAnswers } from './raw-answers.ts'
import { openConnection } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ limits: { checkMs: 50 } })
  return () => app[Symbol.asyncDispose]()
})

const json = 'Content-Type: application/json\r\n'
const body = '{"email":"ada@example.com"}'
const head = `POST /auth/otp/send HTTP/1.1\r\nHost: localhost\r\n${json}`
const send = `${head}Content-Length: ${body.length}\r\n\r\n${body}`
const crossSite = `${head}Sec-Fetch-Site: cross-site\r\n`

/** From now on, until the end of the test, the server waits no longer for a request that it has not read. */
function endPatience(): void {
  const { headersTimeout, requestTimeout } = app.server
  Object.assign(app.server, { headersTimeout: 1, requestTimeout: 1 })
  onTestFinished(() => {
    Object.assign(app.server, { headersTimeout, requestTimeout })
  })
}

/** Sends the parts, each once the one before has been answered, and gives the statuses once all is over. */
async function statusesOf(...parts: string[]): Promise<number[]> {
  const { socket, closed, answer, answered } = await openConnection(app.port)
  for (const [index, part] of parts.entries()) {
    if (index > 0) await answer
    socket.write(part)
  }
  await closed
  return parseAnswers(answered()).map(({ status }) => status)
}

test('what cannot be read behind good requests is refused after their answers', async () => {
  expect(await statusesOf(`${send}${send}nonsense\r\n\r\n`)).toEqual([202, 202, 400])
})

test('what cannot be read behind an answered request is refused', async () => {
  expect(await statusesOf(send, 'nonsense\r\n\r\n')).toEqual([202, 400])
})

test('a request that was answered before its body was there has no second answer when the body is broken', async () => {
  const chunked = `${crossSite}Transfer-Encoding: chunked\r\n\r\n`
  expect(await statusesOf(chunked, 'zz\r\n')).toEqual([403])
  expect(await statusesOf(`${chunked}zz\r\n`)).toEqual([expect.any(Number)])
})

test('nor when the body never comes', async () => {
  const { socket, closed, answer, answered } = await openConnection(app.port)
  socket.write(`${crossSite}Content-Length: 100\r\n\r\n{`)
  await answer
  endPatience()
  await closed

  expect(parseAnswers(answered()).map(({ status }) => status)).toEqual([403])
})

test('a body that never comes to a request that waits for it is answered with 408, once', async () => {
  const isBegun = once(app.server, 'request')
  const statuses = statusesOf(`${head}Content-Length: 100\r\n\r\n{`)
  await isBegun
  endPatience()

  expect(await statuses).toEqual([408])
})

test('a broken body behind a request that is not answered yet is not answered before that', async () => {
  const broken = `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`
  // Either is sound: the first answer arrives, or the connection ends without one.
  expect([[], [202], [202, 400]]).toContainEqual(await statusesOf(`${send}${broken}`))
})

test('a client that goes on after a refusal is not refused again', async () => {
  expect(await statusesOf('nonsense\r\n\r\n', 'nonsense\r\n\r\n'.repeat(100))).toEqual([400])
})
