import { once } from 'node:events'
import type { Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { beforeAll, expect, test } from 'vitest'
import { closing } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

const limits = { idleMs: 200, checkMs: 50, lingerMs: 300 }
let app: RunningApp
/** It cuts off soon what is never finished; on a busy machine that may be anything. */
let impatient: RunningApp

beforeAll(async () => {
  app = await startApp({ limits })
  impatient = await startApp({ limits: { ...limits, headersMs: 500, requestMs: 500 } })
  return () => Promise.all([app[Symbol.asyncDispose](), impatient[Symbol.asyncDispose]()])
})

const host = 'Host: localhost\r\n'
const json = `${host}Content-Type: application/json\r\n`
const kinds: [name: string, bytes: string, status: string][] = [
  ['sends what is no HTTP', 'GARBAGE\r\n\r\n', '400'],
  ['sends what is no HTTP, and goes on', 'GARBAGE\r\n\r\n'.repeat(2_000), '400'],
  ['sends nothing', '', '408'],
  ['sends half a header', `GET / HTTP/1.1\r\n${host}X-A: `, '408'],
  ['sends too many headers', `GET / HTTP/1.1\r\n${host}${'X-A: b\r\n'.repeat(2_000)}`, '431'],
  ['sends half a body', `POST /auth/otp/send HTTP/1.1\r\n${json}Content-Length: 99\r\n\r\n{`, '408'],
  ['sends a body too large', `POST /auth/otp/send HTTP/1.1\r\n${json}Content-Length: 99999\r\n\r\n{`, '413'],
  ['asks to close', `GET /healthz HTTP/1.1\r\n${host}Connection: close\r\n\r\n`, '200'],
  ['has been answered', `GET /healthz HTTP/1.1\r\n${host}\r\n`, '200'],
  ['expects the unexpected', `GET /healthz HTTP/1.1\r\n${host}Expect: x\r\n\r\n`, '417'],
]

/** Connects and never closes, whatever the server does. */
async function openForEver(server: Server, port: number) {
  const accepted = once(server, 'connection') as Promise<[Socket]>
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  let text = ''
  client.on('error', () => {})
  client.on('data', (chunk) => {
    text += chunk
  })
  const over = new Promise<void>((resolve) => {
    client.once('end', resolve)
    client.once('close', () => resolve())
  })
  const [serverSide] = await accepted
  return { client, closed: closing(serverSide), over, answered: () => text }
}

test.each(kinds)(
  'a client that %s and never closes is answered, and holds no connection',
  async (_name, bytes, status) => {
    const { server, port } = status === '408' ? impatient : app
    const { client, closed, over, answered } = await openForEver(server, port)
    client.write(bytes)

    await Promise.all([closed, over])
    client.destroy()

    expect(answered()).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(await connectionsOf(server)).toBe(0)
  },
)

test('nor does one that reads nothing', async () => {
  const { client, closed } = await openForEver(app.server, app.port)
  client.pause()
  client.write('GARBAGE\r\n\r\n')

  await closed
  client.destroy()

  expect(await connectionsOf(app.server)).toBe(0)
})

function connectionsOf(server: Server): Promise<number> {
  return new Promise((resolve, reject) =>
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  )
}
