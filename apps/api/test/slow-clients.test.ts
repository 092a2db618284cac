import { once } from 'node:events'
import type { RequestListener, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createHttpServer, listen, serve } from '../src/http/http-server.ts'
import { exchange } from './http-exchange.ts'
import { closing, openConnection } from './raw-socket.ts'
import { startApp } from './running-app.ts'

const betweenDropsMs = 20

/** Sends a byte every few milliseconds until the connection is closed. */
function drip(socket: Socket, bytes: Iterator<string>): void {
  const timer = setInterval(() => socket.write(bytes.next().value ?? 'x'), betweenDropsMs)
  socket.on('close', () => clearInterval(timer))
}

const head = 'POST /auth/otp/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const slow: [name: string, first: string, drops: () => Iterator<string>, status: string][] = [
  [
    'sends its headers byte by byte',
    'GET /auth/session HTTP/1.1\r\nHost: localhost\r\nX-A: ',
    endless,
    '408',
  ],
  ['sends header after header', 'GET /auth/session HTTP/1.1\r\nHost: localhost\r\n', headers, '408'],
  ['sends a request line byte by byte', 'GET /', endless, '408'],
  ['sends empty lines before its request', '', emptyLines, '408'],
  ['sends nothing at all', '', nothing, '408'],
  ['sends its body byte by byte', `${head}Content-Length: 4000\r\n\r\n{`, endless, '408'],
  ['sends its body in chunks of one byte', `${head}Transfer-Encoding: chunked\r\n\r\n`, chunks, '408'],
  [
    'sends a chunk extension that never ends',
    `${head}Transfer-Encoding: chunked\r\n\r\n1;`,
    endless,
    '40[08]|413',
  ],
]

function* endless() {
  for (;;) yield 'x'
}
function* headers() {
  for (;;) yield 'X-A: b\r\n'
}
function* emptyLines() {
  for (;;) yield '\r\n'
}
function* nothing() {
  for (;;) yield ''
}
function* chunks() {
  for (;;) yield '1\r\nx\r\n'
}

describe.concurrent('a client is cut off, and others are answered meanwhile, when it', () => {
  test.each(slow)('%s', async (_name, first, bytes, status) => {
    await using app = await startApp({ limits: { checkMs: 100 } })
    const clients = await Promise.all(Array.from({ length: 25 }, () => openConnection(app.port)))
    let open = clients.length
    for (const { socket, closed } of clients) {
      closed.then(() => open--)
      if (first !== '') socket.write(first)
      drip(socket, bytes())
    }

    const answer = await app.newBrowser().session()
    const stillOpen = open
    // The times begin with the connection; by now a slow machine may have taken more than any that is short.
    Object.assign(app.server, { headersTimeout: 500, requestTimeout: 500 })

    await Promise.all(clients.map(({ closed }) => closed))
    expect([answer.status, stillOpen]).toEqual([200, 25])
    for (const { answered } of clients) expect(answered()).toMatch(new RegExp(`^HTTP/1.1 (${status}) |^$`))
  })
})

test('connections that lie idle after an answer are closed', async () => {
  await using app = await startApp({ limits: { idleMs: 500 } })
  const clients = await Promise.all(Array.from({ length: 100 }, () => openConnection(app.port)))
  for (const { socket } of clients) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')

  await Promise.all(clients.map(({ closed }) => closed))

  for (const { answered } of clients) expect(answered()).toMatch(/^HTTP\/1\.1 200 /)
})

describe('a client is cut off when it takes its answer', () => {
  const big = Buffer.alloc(64 * 1024 * 1024)

  /** Answers `/` with more than any buffer on the way holds. */
  async function openServer() {
    const server = createHttpServer()
    const answers: ServerResponse[] = []
    const answer: RequestListener = (request, response) => {
      if (request.url === '/') answers.push(response)
      response.end(request.url === '/' ? big : 'ok')
    }
    serve(server, answer, { answerMs: 1_000 })
    const port = await listen(server, 0, '127.0.0.1')
    return {
      port,
      answers,
      accepted: once(server, 'connection') as Promise<[Socket]>,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      },
    }
  }

  test.each([
    ['not at all', 1, () => {}],
    ['byte by byte', 1, (socket: Socket) => socket.read(1)],
    ['not at all, of 17 requests at once', 17, () => {}],
  ])('%s', async (_name, requests, readSome) => {
    await using server = await openServer()
    const socket = connect(server.port, '127.0.0.1')
    const ended = closing(socket)
    socket.pause()
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(requests))
    const [serverSide] = await server.accepted
    const cutOff = closing(serverSide)
    const timer = setInterval(() => readSome(socket), betweenDropsMs)

    const other = await exchange({ port: server.port, method: 'GET', path: '/small' })
    await cutOff
    clearInterval(timer)
    socket.destroy()
    await ended

    expect(other.text).toBe('ok')
    expect(server.answers.map((answer) => answer.writableFinished)).toEqual([false])
  })
})

test('the answer to the last request that a connection may carry says so', async () => {
  await using few = await startApp({ limits: { requestsPerConnection: 3 } })
  const client = await openConnection(few.port)
  client.socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(10))

  await client.closed

  expect(client.answered().match(/HTTP\/1\.1 \d+/g)).toEqual(Array(3).fill('HTTP/1.1 200'))
  expect(client.answered().match(/^Connection: .*$/gim)).toEqual([
    ...Array(2).fill(expect.stringContaining('keep-alive')),
    expect.stringContaining('close'),
  ])
})

test('where every connection is taken, the idle ones are given up for the next', async () => {
  await using full = await startApp({ limits: { connections: 20 } })
  const idle = await Promise.all(Array.from({ length: 20 }, () => openConnection(full.port)))
  for (const { socket } of idle) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await Promise.all(idle.map(({ answer }) => answer))

  const tooMany = await openConnection(full.port)
  await Promise.all([tooMany.closed, ...idle.map(({ closed }) => closed)])

  expect(tooMany.answered()).toBe('')
  expect((await full.newBrowser().session()).status).toBe(200)
})

test('what the server ships with', () => {
  const server = createHttpServer()

  expect(server).toMatchObject({
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    keepAliveTimeout: 5_000,
    maxConnections: 5_000,
  })
})
