import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { reasons, rotateKeys } from '@holdfast/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { exchange } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { readSamples } from './prometheus-text.ts'
import { firstSecret, type RunningApp, secondSecret, startApp } from './running-app.ts'

const token = 'metrics-token-of-a-test'
let guarded: RunningApp
let open: RunningApp

beforeAll(async () => {
  guarded = await startApp({ isProduction: true, environment: { METRICS_TOKEN: token } })
  open = await startApp({ isProduction: true })
  return async () => {
    await guarded[Symbol.asyncDispose]()
    await open[Symbol.asyncDispose]()
  }
})

const scrape = (app: RunningApp, headers: Record<string, string> = {}) =>
  exchange({ port: app.port, method: 'GET', path: '/metrics', headers })

async function samplesOf(app: RunningApp) {
  const answer = await scrape(app)
  expect(answer.status).toBe(200)
  return readSamples(answer.text)
}

const kidOf = (app: RunningApp) => app.keys.current().signingKid

describe('a program on this machine that asks directly', () => {
  test.each(['localhost', '127.0.0.1:3000', '[::1]:3000', 'LOCALHOST:1'])(
    'is answered under the Host %s, with and without a METRICS_TOKEN',
    async (Host) => {
      for (const app of [open, guarded]) {
        const answer = await scrape(app, { Host })

        expect(answer.status).toBe(200)
        expect(answer.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4; charset=utf-8$/)
        expect(answer.setCookies).toEqual([])
      }
    },
  )

  test.each([
    'login.example.com',
    'login.example.com:443',
    'login.example.com.',
    'LOGIN.example.com',
    'x',
    '10.0.0.7:3000',
    'localhost.',
    'localhost.evil.example',
    ' ',
  ])('is not answered under the Host "%s", which a proxy without headers passes on', async (Host) => {
    for (const app of [open, guarded]) expectProblem(await scrape(app, { Host }), 404, 'not_found')
  })

  test.each([
    ['X-Forwarded-Proto', 'https'],
    ['X-Forwarded-For', ''],
    ['CF-Connecting-IP', '192.0.2.7'],
    ['Forwarded', 'for=192.0.2.7'],
    ['X-Forwarded-For', '192.0.2.7'],
    ['X-Forwarded-For', '127.0.0.1'],
    ['X-Real-IP', '127.0.0.1'],
    ['Via', '1.1 proxy'],
  ])('with the header %s: %s speaks for somebody else, and finds nothing', async (name, value) => {
    expectProblem(await scrape(open, { [name]: value }), 404, 'not_found')
    expectProblem(await scrape(guarded, { [name]: value }), 404, 'not_found')
  })

  test('is answered on the IPv6 loopback address too', async (context) => {
    const server = forwardTo(open)
    server.listen(0, '::1')
    const isListening = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    if (!isListening) context.skip('this machine has no IPv6')
    const { port } = server.address() as AddressInfo
    try {
      expect(await statusAt(connect(port, '::1'))).toBe(200)
    } finally {
      server.close()
    }
  })
})

describe('somebody else', () => {
  test.each([
    ['METRICS_TOKEN', 200, `Bearer ${token}`],
    ['METRICS_TOKEN after a lower-case scheme and two spaces', 200, `bearer  ${token}`],
    ['another token', 404, 'Bearer another-token-of-a-test'],
    ['a token that is cut by one', 404, `Bearer ${token.slice(0, -1)}`],
    ['a token that is one too long', 404, `Bearer ${token}x`],
  ])('with %s is answered with %i', async (_name, status, Authorization) => {
    const answer = await scrape(guarded, { Authorization, 'X-Forwarded-For': '192.0.2.7' })

    expect(answer.status).toBe(status)
    if (status === 404) expectProblem(answer, 404, 'not_found')
  })

  test.each(['Bearer', 'Bearer ', `Basic ${token}`, 'Bearer a b', token])(
    'with "Authorization: %s" is answered with 404',
    async (Authorization) => {
      expectProblem(await scrape(guarded, { Authorization, Via: '1.1 proxy' }), 404, 'not_found')
    },
  )

  test('with any token finds nothing where METRICS_TOKEN is not set, also on this machine', async () => {
    expectProblem(await scrape(open, { Authorization: `Bearer ${token}` }), 404, 'not_found')
    expectProblem(await scrape(open, { Authorization: 'Bearer undefined' }), 404, 'not_found')
  })

  test('with a wrong token finds nothing on this machine either', async () => {
    expectProblem(await scrape(guarded, { Authorization: 'Bearer wrong' }), 404, 'not_found')
  })

  test('who has no address, such as a proxy over a Unix socket, finds nothing', async () => {
    const server = forwardTo(open)
    const path = join(open.config.DATA_DIR, 'proxy.sock')
    server.listen(path)
    await once(server, 'listening')
    try {
      expect(await statusAt(connect(path))).toBe(404)
    } finally {
      server.close()
    }
  })

  const ownAddress = Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address

  test.runIf(ownAddress !== undefined)('from an address of the network finds nothing', async () => {
    const server = forwardTo(open)
    server.listen(0, '0.0.0.0')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    try {
      expect(await statusAt(connect({ port, host: ownAddress, localAddress: ownAddress }))).toBe(404)
    } finally {
      server.close()
    }
  })
})

test('every sample has its help and its type, and no line is anything else', async () => {
  await using app = await startApp()
  await app.revokeKey()

  expect(new Map((await samplesOf(app)).map(({ name, type }) => [name, type]))).toEqual(
    new Map([
      ['holdfast_key_age_seconds', 'gauge'],
      ['holdfast_key_verifications_total', 'counter'],
      ['holdfast_key_ring_epoch', 'gauge'],
      ['holdfast_key_ring_reloads_total', 'counter'],
      ['holdfast_key_ring_reload_failures_total', 'counter'],
      ['holdfast_rejects_total', 'counter'],
      ['holdfast_purged_rows_total', 'counter'],
      ['holdfast_guesses_total', 'counter'],
      ['holdfast_alarms_total', 'counter'],
      ['holdfast_outbox_attempts_total', 'counter'],
      ['holdfast_outbox_expired_total', 'counter'],
      ['holdfast_mail_server_up', 'gauge'],
      ['holdfast_outbox_queued', 'gauge'],
      ['holdfast_outbox_oldest_age_seconds', 'gauge'],
      ['holdfast_outbox_hand_over_seconds_bucket', 'histogram'],
      ['holdfast_outbox_hand_over_seconds_sum', 'histogram'],
      ['holdfast_outbox_hand_over_seconds_count', 'histogram'],
    ]),
  )
})

test('the age of a key counts from its making; one whose making is not known has none', async () => {
  await using app = await startApp()
  const older = kidOf(app)
  const { nowMs } = app.clock
  const ring = await app.keySource.change((record) =>
    rotateKeys(record, { nowMs, signsFromMs: nowMs + 60_000 }),
  )
  await app.keys.reload('poll')
  const newer = ring.keys.at(-1)?.kid
  app.advance(90_500)

  const ages = (await samplesOf(app)).filter(({ name }) => name === 'holdfast_key_age_seconds')

  expect(ages).toEqual([expect.objectContaining({ labels: { kid: newer, state: 'active' }, value: 90.5 })])
  expect(ages.map(({ labels }) => labels.kid)).not.toContain(older)
})

test('tokens are counted by the key that they name and its state, and invented keys all as one', async () => {
  await using app = await startApp()
  const first = kidOf(app)
  const browser = app.newBrowser()
  await browser.signIn(app, 'ada@example.com')
  await browser.session()
  const older = browser.cookie
  await app.rotateTo(secondSecret, firstSecret)
  await app.newBrowser().session()
  browser.cookie = older
  await browser.session()
  await browser.session()
  for (const kid of ['aaaaaaaa', 'bbbbbbbb', 'cccccccc']) {
    const stranger = app.newBrowser()
    stranger.cookie = older?.replace(first, kid)
    await stranger.session()
  }

  const counted = (await samplesOf(app)).filter(({ name }) => name === 'holdfast_key_verifications_total')

  expect(counted.map(({ labels, value }) => [labels.kid, labels.state, value])).toEqual([
    ['unknown', 'unknown', 3],
    [first, 'active', 2],
    [kidOf(app), 'active', 1],
    [first, 'retired', 1],
  ])
})

test('epoch, reloads and refused reloads are told as they are', async () => {
  await using app = await startApp()
  const { nowMs } = app.clock
  const numbers = async () =>
    Object.fromEntries(
      (await samplesOf(app))
        .filter(({ name }) => name.startsWith('holdfast_key_ring_'))
        .map(({ name, value }) => [name.slice('holdfast_key_ring_'.length), value]),
    )
  expect(await numbers()).toEqual({ epoch: 0, reloads_total: 0, reload_failures_total: 0 })
  await app.keySource.change((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs + 1 }))
  await app.keys.reload('poll')
  app.keySource.use(secondSecret)
  await app.keys.reload('poll')
  await app.keys.reload('poll')

  expect(await numbers()).toEqual({ epoch: 1, reloads_total: 1, reload_failures_total: 2 })
})

/** The same app, reached in another way than by its own port. */
function forwardTo(app: RunningApp) {
  return createServer((request, response) => app.server.emit('request', request, response))
}

async function statusAt(socket: ReturnType<typeof connect>): Promise<number> {
  socket.end('GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Number(/^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(chunks).toString())?.[1])
}

test('rejects are counted by code and reason, and one that was not met yet is there as 0', async () => {
  await using app = await startApp()
  const stranger = app.newBrowser()
  await stranger.call('GET', '/auth/check')
  await stranger.call('GET', '/auth/check')
  await stranger.verify('123456')
  await stranger.session()

  const counted = (await samplesOf(app)).filter(({ name }) => name === 'holdfast_rejects_total')
  const met = counted.filter(({ value }) => value > 0)

  expect(met.map(({ labels, value }) => [labels.code, labels.reason, value])).toEqual([
    ['not_signed_in', 'cookie_missing', 2],
    ['verification_session_not_found', 'cookie_missing', 1],
  ])
  expect(new Set(counted.map(({ labels }) => labels.reason))).toEqual(new Set(reasons))
})
