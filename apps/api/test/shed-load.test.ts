import { createServer } from 'node:http'
import Koa from 'koa'
import { expect, test } from 'vitest'
import { bodyFirst } from '../src/http/body-first.ts'
import type { HttpExtras, HttpState } from '../src/http/http-context.ts'
import { listen } from '../src/http/http-server.ts'
import { requestLog } from '../src/http/request-log.ts'
import { shedLoad } from '../src/http/shed-load.ts'
import { exchange } from './http-exchange.ts'
import { openConnection } from './raw-socket.ts'
import { recordLog } from './recorded-log.ts'

const json = { 'Content-Type': 'application/json' }

/** A server that works on three requests at once; each ends when the test says so. */
async function openServer() {
  const log = recordLog({ level: 'info', format: 'json' })
  const clock = { nowMs: 1_700_000_000_000 }
  const begun: (() => void)[] = []
  let tellBegun = () => {}
  const app = new Koa<HttpState, HttpExtras>()
  // A body that ends in the middle is an error here, and expected.
  app.silent = true
  app.use(requestLog({ logger: log.logger, onReject() {} }))
  app.use(bodyFirst('/sign-in'))
  app.use(shedLoad({ most: 3, exempt: ['/healthz'], logger: log.logger, clock: () => clock.nowMs }))
  app.use(async (ctx) => {
    if (ctx.path === '/work') {
      await new Promise<void>((resolve) => {
        begun.push(resolve)
        tellBegun()
      })
    }
    ctx.body = 'done'
  })
  const server = createServer(app.callback())
  const port = await listen(server, 0, '127.0.0.1')
  return {
    port,
    log,
    clock,
    get: (path: string) => exchange({ port, method: 'GET', path }),
    post: (path: string) => exchange({ port, method: 'POST', path, headers: json, body: '{}' }),
    /** Resolves once so many requests have been begun in all. */
    async hasBegun(count: number) {
      while (begun.length < count) {
        await new Promise<void>((resolve) => {
          tellBegun = resolve
        })
      }
    },
    finish() {
      for (const resolve of begun.splice(0)) resolve()
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('what is more than can be worked on is refused at once with 503 and Retry-After, and what came before is done', async () => {
  await using server = await openServer()
  const accepted = [server.get('/work'), server.post('/work'), server.get('/work')]
  await server.hasBegun(3)

  const shed = [await server.get('/work'), await server.post('/work')]
  server.finish()
  const done = await Promise.all(accepted)

  for (const answer of shed) {
    expect(answer.status).toBe(503)
    expect(answer.body).toMatchObject({ code: 'overloaded', status: 503, requestId: expect.any(String) })
    expect(answer.headers['retry-after']).toBe('2')
  }
  expect(done.map(({ status }) => status)).toEqual([200, 200, 200])
  expect((await server.post('/quick')).status).toBe(200)
})

test('a busy server still says that it is alive', async () => {
  await using server = await openServer()
  const accepted = [1, 2, 3].map(() => server.get('/work'))
  await server.hasBegun(3)

  expect((await server.get('/healthz')).status).toBe(200)
  server.finish()
  await Promise.all(accepted)
})

test('bodies that do not come, or end in the middle, use up no place', async () => {
  await using server = await openServer()
  const head =
    'POST /work HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{'
  const slow = await Promise.all(Array.from({ length: 10 }, () => openConnection(server.port)))
  for (const { socket } of slow) socket.write(head)

  expect((await server.post('/quick')).status).toBe(200)
  for (const { socket } of slow) socket.destroy()
  await Promise.all(slow.map(({ closed }) => closed))

  const accepted = [1, 2, 3].map(() => server.post('/work'))
  await server.hasBegun(3)
  server.finish()
  expect((await Promise.all(accepted)).map(({ status }) => status)).toEqual([200, 200, 200])
})

test('being overloaded is one line in ten seconds, with how many were refused', async () => {
  await using server = await openServer()
  const accepted = [1, 2, 3].map(() => server.get('/work'))
  await server.hasBegun(3)

  for (let count = 0; count < 5; count++) await server.get('/work')
  server.clock.nowMs += 10_000
  await server.get('/work')
  server.finish()
  await Promise.all(accepted)

  expect(server.log.events('warn').map(({ message, shed }) => [message, shed])).toEqual([
    ['overloaded', 1],
    ['overloaded', 5],
  ])
})
