import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { beforeAll, expect, test } from 'vitest'
import { listen } from '../src/http/http-server.ts'
import { inTurn } from '../src/http/in-turn.ts'
import { parseAnswers } from './raw-answers.ts'
import { openConnection } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`
const last = 'Connection: close\r\n'
const asset = '/assets/app-1a2b3c.js'

/** A server that answers only when it is told to. */
async function openServer(mostAhead: number) {
  const begun: [IncomingMessage, ServerResponse][] = []
  let told = () => {}
  const server = createServer(
    inTurn(mostAhead, (request, response) => {
      begun.push([request, response])
      told()
    }),
  )
  return {
    port: await listen(server, 0, '127.0.0.1'),
    begun,
    async begin(count: number) {
      while (begun.length < count)
        await new Promise<void>((resolve) => {
          told = resolve
        })
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('requests that are sent ahead are begun one by one, each after the answer before it', async () => {
  await using server = await openServer(16)
  const { socket, closed, answered } = await openConnection(server.port)
  socket.write([...Array.from({ length: 16 }, (_, index) => get(`/${index}`)), get('/16', last)].join(''))

  for (let index = 0; index < 17; index++) {
    await server.begin(index + 1)
    expect(server.begun.length).toBe(index + 1)
    const [request, response] = server.begun[index] as [IncomingMessage, ServerResponse]
    response.end(request.url)
  }
  await closed

  expect(parseAnswers(answered()).map(({ body }) => body)).toEqual(
    Array.from({ length: 17 }, (_, index) => `/${index}`),
  )
})

test('whoever sends more ahead is cut off, and only the first was begun', async () => {
  await using server = await openServer(16)
  const { socket, closed, answered } = await openConnection(server.port)
  socket.write(get('/').repeat(900))

  await closed

  expect(server.begun.length).toBe(1)
  expect(answered()).toBe('')
})

test('what waits behind an answer that closes the connection is never begun', async () => {
  await using server = await openServer(16)
  const { socket, closed } = await openConnection(server.port)
  socket.write(get('/').repeat(5))
  await server.begin(1)

  server.begun[0]?.[1].writeHead(200, { Connection: 'close' }).end()
  await closed

  expect(server.begun.length).toBe(1)
})

test('17 requests for a file at once are all answered', async () => {
  const { socket, closed, answered } = await openConnection(app.port)
  socket.write(get(asset).repeat(16) + get(asset, last))

  await closed

  expect(parseAnswers(answered()).map(({ status, body }) => [status, body])).toEqual(
    Array(17).fill([200, 'export {}']),
  )
})

test('a client that has taken an answer may go on as before', async () => {
  const { socket, closed, answered } = await openConnection(app.port)
  for (let index = 0; index < 100; index++) {
    const answer = new Promise((resolve) => socket.once('data', resolve))
    socket.write(get('/healthz'))
    await answer
  }
  socket.write(get('/healthz', last))

  await closed

  expect(parseAnswers(answered()).map(({ status }) => status)).toEqual(Array(101).fill(200))
})

test('900 requests for a file at once, with nothing read, end the connection', async () => {
  const { socket, closed } = await openConnection(app.port)
  socket.pause()
  socket.write(get(asset).repeat(900))
  socket.resume()

  await closed

  expect((await app.newBrowser().session()).status).toBe(200)
})
