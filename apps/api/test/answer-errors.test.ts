import { once } from 'node:events'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import Koa from 'koa'
import { expect, test, vi } from 'vitest'
import { logAnswerError } from '../src/http/answer-errors.ts'
import { listen } from '../src/http/http-server.ts'
import { openConnection } from './raw-socket.ts'
import { recordLog } from './recorded-log.ts'

/** A koa app whose answer never ends by itself. */
async function startKoa() {
  const log = recordLog({ level: 'debug', format: 'json' })
  const app = new Koa()
  const body = new Readable({ read() {} })
  app.on('error', logAnswerError(log.logger))
  app.use((ctx) => {
    body.push('begun')
    ctx.body = body
  })
  const server = createServer(app.callback())
  const client = await openConnection(await listen(server, 0, '127.0.0.1'))
  client.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')
  await client.answer
  return {
    app,
    body,
    client,
    log,
    async [Symbol.asyncDispose]() {
      client.socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('what fails in the middle of an answer is one line in the log, and nothing is printed beside it', async () => {
  const print = vi.spyOn(console, 'error')
  await using koa = await startKoa()

  koa.body.destroy(new Error('the disk does not answer'))
  await koa.client.closed

  expect(koa.log.events('error')).toEqual([
    expect.objectContaining({
      message: 'answer failed',
      stack: expect.stringContaining('the disk does not'),
    }),
  ])
  expect(koa.log.lines()).toHaveLength(1)
  expect(print).not.toHaveBeenCalled()
  print.mockRestore()
})

test('a client that goes in the middle of its answer is no error', async () => {
  const print = vi.spyOn(console, 'error')
  await using koa = await startKoa()

  const failed = once(koa.app, 'error')
  koa.client.socket.resetAndDestroy()
  koa.body.push('more')
  const [error] = await failed

  expect(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE']).toContain(error.code)
  expect(koa.log.lines()).toEqual([])
  expect(print).not.toHaveBeenCalled()
  print.mockRestore()
})
