import { dumpStore } from '@holdfast/store/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type FuzzCase, fuzzCase, smuggledEmail } from './fuzz-grammar.ts'
import { securityHeaders } from './problem-answer.ts'
import { parseAnswers, type RawAnswer } from './raw-answers.ts'
import { openConnection } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

const seed = Number(process.env.FUZZ_SEED ?? 20_260_401)
const cases = Number(process.env.FUZZ_CASES ?? 2_400)
const atOnce = 400

let app: RunningApp

beforeAll(async () => {
  // Every connection ends by itself: what is never finished is cut off soon.
  app = await startApp({
    environment: { TRUST_PROXY: '127.0.0.1' },
    limits: { headersMs: 500, requestMs: 500, idleMs: 100, checkMs: 50 },
  })
  await app.beginVerification(app.newBrowser(), 'known@example.com')
  return () => app[Symbol.asyncDispose]()
})

afterAll(() => {
  expect(app.log.events('error')).toEqual([])
})

test(`of ${cases} hostile connections each is answered soundly or closed, and none begins anything`, async () => {
  const all = fc.sample(fuzzCase, { numRuns: cases, seed })
  const before = recordsOf(app)
  const statuses = new Set<string>()
  for (let first = 0; first < all.length; first += atOnce) {
    const batch = all.slice(first, first + atOnce)
    const answered = await Promise.all(batch.map(({ bytes }) => sendAll(bytes)))
    for (const [index, text] of answered.entries()) {
      const one = batch[index] as FuzzCase
      try {
        for (const { status } of expectSound(one, text)) statuses.add(`${one.kind} ${status}`)
      } catch (error) {
        const [found, sent] = [text, one.bytes].map((bytes) => JSON.stringify(bytes.slice(0, 1_000)))
        throw new Error(`seed ${seed}, ${one.kind}\nsent ${sent}\nfound ${found}`, { cause: error })
      }
    }
  }

  expect(recordsOf(app)).toEqual(before)
  expect(app.mails.all.filter(({ to }) => to === smuggledEmail)).toEqual([])
  expect((await app.newBrowser().session()).status).toBe(200)
  expect((await app.newBrowser().call('GET', '/readyz')).status).toBe(200)
  // The cases are worth their time only as long as they get past the parser, too.
  expect([...statuses]).toEqual(
    expect.arrayContaining([
      'headers 200',
      'headers 400',
      'headers 421',
      'smuggling 400',
      'smuggling 422',
      'pipelining 200',
    ]),
  )
})

async function sendAll(bytes: string): Promise<string> {
  const { socket, closed, answered } = await openConnection(app.port)
  socket.write(Buffer.from(bytes, 'latin1'))
  await closed
  return answered()
}

function expectSound({ kind, isOneRequest }: FuzzCase, text: string): RawAnswer[] {
  const answers = parseAnswers(text)
  for (const { status, headers, body } of answers) {
    expect(status).toBeLessThan(500)
    if (status < 200) continue
    expect(headers).toMatchObject(securityHeaders)
    if (status < 400) continue
    expect(headers['content-type']).toMatch(/^application\/problem\+json/)
    expect(JSON.parse(body)).toMatchObject({
      status,
      code: expect.any(String),
      requestId: expect.any(String),
    })
  }
  const final = answers.filter(({ status }) => status >= 200)
  if (isOneRequest) for (const { status } of final.slice(1)) expect([400, 408, 431]).toContain(status)
  if (kind === 'smuggling') expect(final.length).toBeLessThanOrEqual(1)
  return answers
}

/** All that is kept, but for the ledger, which tells of refusals. */
function recordsOf({ storePath }: RunningApp) {
  const { ledger: _ledger, ...records } = dumpStore(storePath)
  return records
}
