import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { dumpStore } from '@holdfast/store/testing'
import { beforeAll, describe, expect, test } from 'vitest'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ mail: 'development', environment: { APP_NAME: '<i>Acme</i>' } })
  return () => app[Symbol.asyncDispose]()
})

const list = async (query: string, headers = {}) =>
  app.newBrowser().call('GET', `/dev/mail${query}`, undefined, headers)

test('the mails to an address come newest first, and the code in them signs in', async () => {
  const browser = app.newBrowser()
  await browser.send('ada@example.com')
  await list('?to=ada@example.com')
  app.advance(30_000)
  await browser.resend()

  const mails = (await list('?to=Ada@Example.com')).body as unknown as Record<string, string>[]

  expect(mails.map((mail) => Object.keys(mail).sort())).toEqual(
    Array(2).fill(['at', 'html', 'subject', 'text', 'to']),
  )
  expect(mails.map(({ at }) => at)).toEqual(
    [app.clock.nowMs, app.clock.nowMs - 30_000].map((ms) => new Date(ms).toISOString()),
  )
  const code = /^\d{6}$/m.exec(mails[0]?.text ?? '')?.[0] ?? ''
  expect((await browser.verify(code)).status).toBe(200)
})

test('a mail that was just asked for is waited for', async () => {
  await app.newBrowser().send('now@example.com')

  expect((await list('?to=now@example.com')).body).toHaveLength(1)
})

test.each([
  '?to=nobody@example.com',
  '?to=nonsense',
  '?to=',
  '?to=ada@example.com&to=now@example.com',
  '?to=%27%20OR%201=1--',
])('asking with %s lists no mail of somebody else', async (query) => {
  const answer = await list(query)

  expect(answer.status).toBe(200)
  expect(answer.text).toBe('[]')
})

test('the page for a browser escapes what is in a mail, and runs no script', async () => {
  await app.newBrowser().send("o'{a}&b@example.com")
  await list("?to=o'{a}%26b@example.com")
  const answer = await list("?to=o'{a}%26b@example.com", { Accept: 'text/html' })

  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.text).toContain('&lt;i&gt;Acme')
  expect(answer.text).not.toContain('<i>Acme')
  expect(answer.text).toContain('o&#39;{a}&amp;b@example.com')
})

test('the store holds no mail in clear', async () => {
  await app.newBrowser().send('sealed@example.com')
  const [mail] = (await list('?to=sealed@example.com')).body as unknown as { text: string }[]
  const code = /^\d{6}$/m.exec(mail?.text ?? '')?.[0] ?? ''
  const stored = JSON.stringify(dumpStore(app.storePath).devMails)

  expect(code).toHaveLength(6)
  expect(stored).toContain('sealed@example.com')
  expect(stored).not.toMatch(/Acme|Enter it only/)
  expect(stored).not.toMatch(new RegExp(`(?<![\\w-])${code}(?![\\w-])`))
})

describe('a client of the network that says it asked for localhost', () => {
  const ownAddress = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address

  test
    .runIf(ownAddress !== undefined)
    .each([
      '/dev',
      '/dev/mail',
      '/dev/mailbox',
      '/dev/state',
      '/dev/pulse',
      '/dev/assets/dev-1a2b3c.js',
      '/auth/session-debug',
    ])('finds nothing at %s', async (path) => {
    const open = createServer((incoming, outgoing) => app.server.emit('request', incoming, outgoing))
    open.listen(0, '0.0.0.0')
    await once(open, 'listening')
    const { port } = open.address() as AddressInfo
    try {
      const head = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
      const from = (address = '') => connect({ port, host: address, localAddress: address })

      expect(await statusAt(from(ownAddress), head)).toBe(404)
      expect(await statusAt(from('127.0.0.1'), head)).toBe(200)
    } finally {
      open.close()
    }
  })
})

async function statusAt(socket: Socket, head: string): Promise<number> {
  socket.write(head)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Number(/^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(chunks).toString())?.[1])
}
