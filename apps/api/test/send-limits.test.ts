import { readStore } from '@holdfast/store/testing'
import { describe, expect, test } from 'vitest'
import { countSend } from '../src/sign-in/send-limits.ts'
import type { Answer } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { type RunningApp, type RunningAppOptions, startApp } from './running-app.ts'

const hourMs = 3_600_000

function limited(environment: Record<string, string>, options: RunningAppOptions = {}) {
  return startApp({ ...options, environment })
}

async function sends(app: RunningApp, emails: string[]): Promise<Answer[]> {
  const answers: Answer[] = []
  for (const email of emails) answers.push(await app.newBrowser().send(email))
  return answers
}

const statuses = (answers: Answer[]) => answers.map(({ status }) => status)
const many = (count: number) => Array.from({ length: count }, (_, index) => `person-${index}@example.com`)

test('R22: the send past the hourly limit of an address is 429, with the seconds after which it is answered', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '3' })
  expect(statuses(await sends(app, Array(3).fill('ada@example.com')))).toEqual([202, 202, 202])
  app.advance(1_234_567)

  const [refused] = await sends(app, ['ada@example.com'])
  expectProblem(refused as Answer, 429, 'rate_limited')
  const seconds = Number(refused?.headers['retry-after'])
  expect(seconds).toBe(Math.ceil((hourMs - 1_234_567) / 1000))
  expect(refused?.body.detail).toContain(String(seconds))

  app.advance((seconds - 1) * 1000)
  expect(statuses(await sends(app, ['ada@example.com', 'bob@example.com']))).toEqual([429, 202])
  app.advance(1000)
  expect(statuses(await sends(app, Array(4).fill('ada@example.com')))).toEqual([202, 202, 202, 429])
})

test('R22: the daily limit of an address outlasts its hours', async () => {
  await using app = await limited({
    LIMIT_SENDS_PER_ADDRESS_PER_DAY: '2',
    LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '1',
  })
  expect(statuses(await sends(app, ['ada@example.com', 'ada@example.com']))).toEqual([202, 429])
  app.advance(hourMs)
  expect(statuses(await sends(app, ['ada@example.com']))).toEqual([202])
  app.advance(hourMs)

  const [refused] = await sends(app, ['ada@example.com'])
  expect(refused?.headers['retry-after']).toBe(String(22 * 3600))
})

const fullWidth = (text: string) =>
  text.replace(/[!-~]/g, (letter) => String.fromCodePoint(letter.charCodeAt(0) + 0xfee0))

/** A hundred ways of writing one inbox: with dots and tags, in capitals, by an input method, with spaces around. */
const variants = ['ada', 'a.da', 'ad.a', 'a.d.a'].flatMap((name) =>
  ['', '+', '+1', '+news.letter', '+a+b'].flatMap((tag) => {
    const local = `${name}${tag}`
    return [
      `${local}@Example.com`,
      `${local.toUpperCase()}@EXAMPLE.COM`,
      `${local.replace('a', 'A')}@example.com.`,
      `${fullWidth(local)}@ｅxample．com`,
      `\t ${local}@example.com `,
    ]
  }),
)

test('R17, A10: a hundred variants of one inbox share one budget, another inbox has its own', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '1' })
  expect(new Set(variants).size).toBe(100)

  expect(statuses(await sends(app, ['ada@example.com', ...variants]))).toEqual([202, ...Array(100).fill(429)])
  expect(statuses(await sends(app, ['ada@example.org', 'bob@example.com']))).toEqual([202, 202])
})

test('a resend counts against the budget of the address', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '2' })
  const browser = app.newBrowser()
  await browser.send('ada@example.com')
  app.advance(30_000)
  expect((await browser.resend()).status).toBe(202)
  app.advance(30_000)

  const refused = await browser.resend()
  expectProblem(refused, 429, 'rate_limited')
  expect(refused.headers['retry-after']).toBe('3540')
})

test('R22: the limit of all sends holds for everybody', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_HOUR: '5' })

  expect(statuses(await sends(app, many(6)))).toEqual([202, 202, 202, 202, 202, 429])
})

test('a refused send is counted nowhere and mails nothing', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_IP_PER_HOUR: '1', LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '9' })
  await sends(app, ['ada@example.com'])
  await sends(app, Array(5).fill('victim@example.com'))

  expect(readStore(app.storePath, "SELECT key FROM limits WHERE key LIKE '%victim%'")).toEqual([])
  expect(readStore(app.storePath, 'SELECT count(*) AS count FROM codes')).toEqual([{ count: 1 }])
})

test('R51: of 50 parallel sends exactly the budget is answered with 202', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '7' })

  const answers = await Promise.all(
    Array.from({ length: 50 }, () => app.newBrowser().send('ada@example.com')),
  )

  expect(answers.filter(({ status }) => status === 202)).toHaveLength(7)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(43)
})

test('R51: of 50 sends counted in one turn of the event loop exactly the budget is let through', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '7' })

  const outcomes = await Promise.all(
    Array.from({ length: 50 }, () => countSend(app.signIn, 'ada@example.com', '127.0.0.1')),
  )

  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(7)
})

test('of 20 parallel resends one is sent, recorded and counted', async () => {
  await using app = await limited({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '9', OTP_RESEND_SECONDS: '0' })
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')

  const answers = await Promise.all(Array.from({ length: 20 }, () => browser.resend()))

  const sent = statuses(answers).filter((status) => status === 202).length
  expect(sent).toBeGreaterThan(0)
  expect(new Set(statuses(answers))).toEqual(new Set([202, 429]))
  const count = (from: string) => readStore(app.storePath, `SELECT count(*) AS count FROM ${from}`)
  expect(count('codes')).toEqual([{ count: 1 + sent }])
  expect(count("ledger WHERE event = 'code_asked_again'")).toEqual([{ count: sent }])
  const counted = readStore(app.storePath, "SELECT count FROM limits WHERE key LIKE 'send|mailbox|hour|%'")
  expect(counted).toEqual([{ count: 1 + sent }])
})

test('a limit of 0 is no limit', async () => {
  await using app = await startApp()

  expect(new Set(statuses(await sends(app, Array(80).fill('ada@example.com'))))).toEqual(new Set([202]))
})

/** Two sends with these headers fall under one network when the second is refused. */
async function shareNetwork(trustProxy: string, first: string, second: string): Promise<boolean> {
  await using app = await limited({ LIMIT_SENDS_PER_IP_PER_HOUR: '1', TRUST_PROXY: trustProxy })
  const send = (forwarded: string, email: string) =>
    app
      .newBrowser()
      .call('POST', '/auth/otp/send', { email }, forwarded === '' ? {} : { 'X-Forwarded-For': forwarded })
  expect((await send(first, 'ada@example.com')).status).toBe(202)
  const { status } = await send(second, 'bob@example.com')
  expect([202, 429]).toContain(status)
  return status === 429
}

describe('0.8: X-Forwarded-For', () => {
  test.each([
    ['is not read without a trusted proxy', '', '203.0.113.1', '203.0.113.2', true],
    ['is not read from a peer that is no trusted proxy', '10.0.0.0/8', '203.0.113.1', '203.0.113.2', true],
    ['is read from a trusted proxy', '127.0.0.1', '203.0.113.1', '203.0.113.2', false],
    ['is read from a trusted range', '127.0.0.0/8', '203.0.113.1', '203.0.113.2', false],
    [
      'counts the rightmost, not what the client put left of it',
      '127.0.0.1',
      '1.1.1.1, 203.0.113.1',
      '2.2.2.2, 203.0.113.1',
      true,
    ],
    [
      'skips further trusted proxies',
      '127.0.0.1,10.0.0.0/8',
      '1.1.1.1, 203.0.113.1, 10.1.1.1',
      '2.2.2.2, 203.0.113.1, 10.2.2.2',
      true,
    ],
    [
      'of 300 spoofed values counts the last',
      '127.0.0.1',
      `${'9.9.9.9, '.repeat(300)}203.0.113.1`,
      '203.0.113.1',
      true,
    ],
    ['with garbage fails closed, into one budget', '127.0.0.1', 'unknown', '<script>', true],
    ['with a port fails closed', '127.0.0.1', '203.0.113.1:4711', '203.0.113.2:4711', true],
    [
      'with a garbage hop does not reach left of it',
      '127.0.0.1',
      '1.1.1.1, _hidden',
      '2.2.2.2, _hidden',
      true,
    ],
    ['folds an IPv4-mapped address', '127.0.0.1', '::ffff:203.0.113.1', '203.0.113.1', true],
    ['folds a hex-mapped address', '127.0.0.1', '::ffff:cb00:7101', '203.0.113.1', true],
    ['counts an IPv6 /64 as one', '127.0.0.1', '2001:db8:0:1::1', '2001:0DB8:0:1:ffff::2', true],
    ['tells two IPv6 /64 apart', '127.0.0.1', '2001:db8:0:1::1', '2001:db8:0:2::1', false],
    ['survives an IPv6 zone', '127.0.0.1', 'fe80::1%eth0', 'fe80::2%eth0', true],
    ['survives a zone that is no zone', '127.0.0.1', 'fe80::1%', 'fe80::1%', true],
  ] as const)('%s', async (_name, trustProxy, first, second, isShared) => {
    expect(await shareNetwork(trustProxy, first, second)).toBe(isShared)
  })

  test('is read over several lines as one list', async () => {
    await using app = await limited({ LIMIT_SENDS_PER_IP_PER_HOUR: '1', TRUST_PROXY: '127.0.0.1' })
    const send = (lines: string[], email: string) =>
      app.newBrowser().call('POST', '/auth/otp/send', { email }, { 'X-Forwarded-For': lines })

    expect((await send(['1.1.1.1', '203.0.113.1'], 'ada@example.com')).status).toBe(202)
    expect((await send(['2.2.2.2', '203.0.113.1'], 'bob@example.com')).status).toBe(429)
  })
})
