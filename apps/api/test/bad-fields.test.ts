import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { expectRefused } from './refused-call.ts'
import { type RunningApp, startApp } from './running-app.ts'

interface Field {
  method: string
  path: string
  name: string
  /** The other fields of a call that would be good. */
  rest: string
  isOptional: boolean
  /** Texts of the right type that mean nothing here. */
  badTexts: string[]
}

const send = { method: 'POST', path: '/auth/otp/send' }
const verify = { method: 'POST', path: '/auth/otp/verify' }
const logout = { method: 'POST', path: '/auth/logout' }
const address = '"email":"ada@example.com"'
const hostileTexts = [
  '',
  ' \t ',
  '\0',
  '\ud800',
  'a\udc00@example.com',
  '\ufeff',
  '\u202egro.elpmaxe@ada',
  "x' OR 1=1 --",
  '__proto__',
  '9'.repeat(4000),
]
const fields: Field[] = [
  { ...send, name: 'email', rest: '', isOptional: false, badTexts: ['ada', 'a@b', 'a@b@c.example'] },
  { ...send, name: 'type', rest: address, isOptional: true, badTexts: ['LOGIN', 'login ', 'constructor'] },
  { ...send, name: 'transport', rest: address, isOptional: true, badTexts: ['header', 'toString'] },
  { ...verify, name: 'code', rest: '', isOptional: false, badTexts: [] },
  { ...logout, name: 'everywhere', rest: '', isOptional: true, badTexts: ['true', 'yes'] },
]
const wrongTypes: [name: string, json: string][] = [
  ['null', 'null'],
  ['a number', '123456'],
  ['a fraction', '1.5'],
  ['a number beyond all bounds', '1e999999'],
  ['false', 'false'],
  ['an empty array', '[]'],
  ['an array of texts', '["ada@example.com","eve@example.com"]'],
  ['an empty object', '{}'],
  ['a query operator', '{"$ne":1}'],
  ['an object with a toString', '{"toString":"ada@example.com"}'],
  ['an object with a prototype', '{"__proto__":{"length":6}}'],
  ['1,000 arrays in each other', `${'['.repeat(1000)}${']'.repeat(1000)}`],
  ['500 objects in each other', `${'{"a":'.repeat(500)}1${'}'.repeat(500)}`],
]

let app: RunningApp
let browser: Browser

beforeAll(async () => {
  app = await startApp()
  browser = app.newBrowser()
  await app.beginVerification(browser, 'known@example.com')
  return () => app[Symbol.asyncDispose]()
})

afterAll(() => {
  expect(app.log.events('error')).toEqual([])
})

describe.each(fields)('$method $path refuses a $name', (field) => {
  const { method, path, name, rest } = field
  const json = (value: string) => `{${rest === '' ? '' : `${rest},`}"${name}":${value}}`
  const texts = [...(name === 'code' ? [] : hostileTexts), ...field.badTexts].map(
    (text): [string, string] => [`the text ${JSON.stringify(text.slice(0, 30))}`, JSON.stringify(text)],
  )

  test.each([...wrongTypes, ...texts])('that is %s', async (_title, value) => {
    const answer = await expectRefused(app, { method, path, body: json(value), cookie: browser.cookie })

    expect(answer.body.errors).toMatchObject([{ path: name, message: expect.stringMatching(/./) }])
  })

  test('of 1 MB', async () => {
    const body = json(`"${'9'.repeat(1_000_000)}"`)
    await expectRefused(app, { method, path, body, cookie: browser.cookie }, 413, 'payload_too_large')
  })
})

test.each(fields.filter(({ isOptional }) => !isOptional))(
  '$method $path refuses a missing $name',
  async ({ method, path, name }) => {
    const answer = await expectRefused(app, { method, path, body: '{}', cookie: browser.cookie })

    expect(answer.body.errors).toMatchObject([{ path: name }])
  },
)

/** A good body of each call, and what nobody may add to it. */
const calls: [method: string, path: string, body: string][] = [
  ['POST', '/auth/otp/send', `{${address}}`],
  ['POST', '/auth/otp/verify', '{"code":"000000"}'],
  ['POST', '/auth/otp/resend', '{}'],
  ['DELETE', '/auth/otp', '{}'],
  ['POST', '/auth/logout', '{}'],
]
const strangers = ['unknown', 'admin', 'Email', 'constructor', 'prototype', 'toString', '', '__proto__']

describe.each(calls)('%s %s refuses an unknown field', (method, path, good) => {
  test.each(strangers)('named "%s"', async (name) => {
    const body = good.replace(/\}$/, `${good === '{}' ? '' : ','}"${name}":{"isAdmin":true}}`)
    await expectRefused(app, { method, path, body, cookie: browser.cookie })
  })
})

test('send refuses fields that come only from a prototype', async () => {
  const body = `{"__proto__":{${address}}}`
  await expectRefused(app, { ...send, body, cookie: browser.cookie })
})
