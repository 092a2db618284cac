import { beforeAll, describe, expect, test, vi } from 'vitest'
import type { Answer } from './http-exchange.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

/*
 * R21, A20: nobody learns by asking whether an address has an account. How long an answer takes is not held
 * against a clock here: each takes the same statements of the store, and the mail goes out after it. The bench has the
 * times.
 */

let app: RunningApp

/** All of one length, so that the lengths of the answers can be compared. */
const known = 'known@example.com'
const addresses: [who: string, email: string][] = [
  ['an address with an account', known],
  ['an address without one, with a verification under way elsewhere', 'stray@example.com'],
  ['an address whose mail is refused', 'never@example.com'],
]

beforeAll(async () => {
  app = await startApp({ environment: { LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '3' } })
  app.mails.answer = ({ to }) =>
    to === 'never@example.com'
      ? { delivery: 'failed', reply: '550 no' }
      : { delivery: 'sent', reply: '250 OK' }
  await app.newBrowser().signIn(app, known)
  // Each has been sent one code before, so that no budget tells them apart.
  for (const [, email] of addresses.slice(1)) await app.beginVerification(app.newBrowser(), email)
  return () => app[Symbol.asyncDispose]()
})

/** An answer without what is new in each: what two askers would have to tell apart. */
function comparable({ status, headers, text }: Answer, masked: string) {
  const { date: _date, 'x-request-id': _id, 'set-cookie': cookies = [], ...rest } = headers
  return {
    status,
    headers: rest,
    cookies: cookies.map((cookie) =>
      cookie.replace(/=v1\.[^;]+/, (token) => `=${token.length}`).replace(/expires=[^;]+/, 'expires'),
    ),
    body: text
      .replace(/HF-\w{4}-\w{4}/, 'HF')
      .replace(/[0-9a-f-]{36}/, 'ID')
      .replace(masked, 'x'),
  }
}

describe.each(['login', 'signup'])('R21: asking for a code with the type %s', (type) => {
  test('is answered in the same way, a wrong code too, whoever has an account', async () => {
    const seen = []
    for (const [, email] of addresses) {
      const browser = app.newBrowser()
      const sent = await browser.send(email, { type })
      const { code } = await app.mails.next(email)
      // Where the mail went is for the session to see that asked; this asks before it can have been.
      const refused = await browser.verify(wrongCode(code))
      seen.push({ sent: comparable(sent, maskedOf(email)), refused: comparable(refused, maskedOf(email)) })
    }

    expect(seen[0]?.sent.status).toBe(202)
    expect(seen[0]?.refused.status).toBe(403)
    for (const each of seen.slice(1)) expect(each).toEqual(seen[0])
  })
})

test('R21: asking too often is refused in the same way, whoever has an account', async () => {
  const answers: ReturnType<typeof comparable>[] = []
  for (const [, email] of addresses) {
    let answer = await app.newBrowser().send(email)
    while (answer.status === 202) answer = await app.newBrowser().send(email)
    answers.push(comparable(answer, maskedOf(email)))
  }

  expect(answers[0]?.status).toBe(429)
  for (const answer of answers.slice(1)) expect(answer).toEqual(answers[0])
})

test('R21: the answer does not wait for the mail server, whoever has an account', async () => {
  await using slow = await startApp()
  await slow.newBrowser().signIn(slow, known)
  const { promise: never, resolve: release } = Promise.withResolvers<void>()
  slow.mails.answer = async () => {
    await never
    return { delivery: 'sent', reply: '250 OK' }
  }

  for (const [, email] of addresses) expect((await slow.newBrowser().send(email)).status).toBe(202)
  release()
})

test('a send takes the same statements of the store, whoever has an account', async () => {
  await using quiet = await startApp({ environment: { LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '10' } })
  await quiet.newBrowser().signIn(quiet, known)
  for (const [, email] of addresses) await quiet.beginVerification(quiet.newBrowser(), email)
  // What it does afterwards would be among them.
  await quiet.outbox.stop(0)
  const { store } = quiet
  const read = vi.spyOn(store, 'read')
  const write = vi.spyOn(store, 'write')
  const query = vi.spyOn(store, 'query')
  const taken: string[][] = []
  for (const [, email] of addresses) {
    for (const spy of [read, write, query]) spy.mockClear()
    expect((await quiet.newBrowser().send(email)).status).toBe(202)
    const queries = [...read.mock.calls, ...write.mock.calls].flat()
    taken.push([...queries.map((each) => each.compile().sql), ...query.mock.calls.map(([sql]) => sql)])
  }

  expect(taken[0]?.length).toBeGreaterThan(5)
  for (const statements of taken.slice(1)) expect(statements).toEqual(taken[0])
})

function maskedOf(email: string): string {
  return `${email.charAt(0)}•••`
}
