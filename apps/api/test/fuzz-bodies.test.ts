import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { parseEmailAddress } from '@holdfast/core'
import { dumpStore } from '@holdfast/store/testing'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, exchange } from './http-exchange.ts'
import { expectProblem } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

const seed = Number(process.env.FUZZ_SEED ?? 20_260_402)
const cases = Number(process.env.FUZZ_CASES ?? 3_000)
const atOnce = 50

interface Call {
  method: string
  path: string
  body: Buffer
  headers: OutgoingHttpHeaders
}

const calls: [method: string, path: string, bodies: string[]][] = [
  [
    'POST',
    '/auth/otp/send',
    ['{"email":"ada@example.com"}', '{"email":"a@b.example","type":"login","transport":"bearer"}'],
  ],
  ['POST', '/auth/otp/verify', ['{"code":"123456"}']],
  ['POST', '/auth/otp/resend', ['{}', '']],
  ['DELETE', '/auth/otp', ['{}', '']],
  ['POST', '/auth/logout', ['{"everywhere":true}', '{}']],
]

/** Pieces that have made some parser somewhere do what it should not. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '"',
      '\\',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      ' ',
      '\n',
      '\0',
      '/*',
      '//',
      '#',
      "'",
      '`',
      '-',
      '+',
      '.',
      'e',
      '0',
      '00',
    ],
    ...[
      'null',
      'true',
      'NaN',
      'Infinity',
      '1e999999',
      '-0',
      '9'.repeat(400),
      '[]',
      '{}',
      '[[[[',
      '"a":1,',
      ',"a":1',
    ],
    ...[
      '"__proto__":{"email":"a@b.example"},',
      '"constructor":{"prototype":{}},',
      '"toString":1,',
      '"email":"x@y.example",',
    ],
    ...[
      '\\u0000',
      '\\ud800',
      '\\udc00\\ud800',
      '\\uD83D',
      '\\u',
      '\\x41',
      '\\u0022',
      '\\n',
      '\u2028',
      '\ufeff',
      '\ud7ff',
      '💩',
      '＠',
      '\u202e',
    ],
    ...['['.repeat(1500), '{"a":'.repeat(600), '"'.repeat(500), ' '.repeat(3000), 'a'.repeat(5000)],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
const change = fc.tuple(fc.nat(), fc.nat(3), fc.constantFrom('insert', 'replace', 'delete', 'wrap'), piece)

function apply(text: string, changes: [number, number, string, string][]): string {
  return changes.reduce((body, [place, length, kind, added]) => {
    const at = place % (body.length + 1)
    switch (kind) {
      case 'insert':
        return body.slice(0, at) + added + body.slice(at)
      case 'wrap':
        return added + body + added
      default:
        return body.slice(0, at) + (kind === 'delete' ? '' : added) + body.slice(at + length + 1)
    }
  }, text)
}

const encode = fc.constantFrom<(text: string) => Buffer>(
  ...Array(6).fill((text: string) => Buffer.from(text)),
  (text) => Buffer.from(text, 'latin1'),
  (text) => Buffer.from(text, 'utf16le'),
  (text) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), Buffer.from(text)]),
  (text) => gzipSync(text),
)
const sentHeaders = fc.constantFrom<OutgoingHttpHeaders>(
  ...Array<OutgoingHttpHeaders>(8).fill({ 'Content-Type': 'application/json' }),
  { 'Content-Type': 'application/json; charset=utf-16' },
  { 'Content-Type': 'text/plain' },
  { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' },
  {},
)
const call: fc.Arbitrary<Call> = fc
  .tuple(fc.constantFrom(...calls), fc.nat(1), fc.array(change, { maxLength: 3 }), encode, sentHeaders)
  .map(([[method, path, bodies], choice, changes, encoded, headers]) => ({
    method,
    path,
    body: encoded(apply(bodies[choice % bodies.length] ?? '', changes)),
    headers,
  }))

let app: RunningApp

beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

afterAll(() => {
  expect(app.log.events('error')).toEqual([])
})

test(`of ${cases} changed bodies none is taken but a JSON object with an address, and none breaks anything`, async () => {
  const all = fc.sample(call, { numRuns: cases, seed })
  let taken = 0
  for (let first = 0; first < all.length; first += atOnce) {
    const batch = all.slice(first, first + atOnce)
    const answers = await Promise.all(
      batch.map(({ method, path, body, headers }) =>
        exchange({ port: app.port, method, path, body, headers: { Host: app.host, ...headers } }),
      ),
    )
    for (const [index, answer] of answers.entries()) {
      const one = batch[index] as Call
      try {
        if (answer.status === 202) expectTaken(one)
        else expectRefused(one, answer)
      } catch (error) {
        const sent = JSON.stringify(one.body.toString('latin1').slice(0, 500))
        const found = `was answered ${answer.status}`
        throw new Error(`seed ${seed}, ${one.method} ${one.path} ${sent} ${found}`, { cause: error })
      }
    }
    taken += answers.filter(({ status }) => status === 202).length
  }

  expect(taken).toBeGreaterThan(50)
  expect(dumpStore(app.storePath).verifications?.length).toBe(taken)
})

/** Only a body that every JSON parser reads in the same way may begin something. */
function expectTaken({ path, body, headers }: Call): void {
  expect(path).toBe('/auth/otp/send')
  expect(headers['Content-Type']).toMatch(/^application\/json/)
  expect(headers['Content-Encoding']).toBeUndefined()
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body)
  const { email, ...rest } = JSON.parse(text)
  expect(parseEmailAddress(email).ok).toBe(true)
  expect(Object.keys(rest).filter((name) => name !== 'type' && name !== 'transport')).toEqual([])
}

function expectRefused({ path, body }: Call, answer: Answer): void {
  // Signing out, and cancelling, are done already where there is nothing to end.
  if (answer.status === 204) {
    expect(['/auth/logout', '/auth/otp']).toContain(path)
    return
  }
  expect([409, 413, 415, 422]).toContain(answer.status)
  expectProblem(answer, answer.status, String(answer.body.code))
  if (answer.status === 413) expect(body.length).toBeGreaterThan(4096)
}
