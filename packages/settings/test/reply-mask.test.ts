import { describe, expect, test } from 'vitest'
import { createReplyMask } from '../src/reply-mask.ts'

const user = 'holdfast'
const pass = 'canary-pw/88'
const code = '675089'
const mask = createReplyMask({ user, pass })
const base64 = (text: string) => Buffer.from(text).toString('base64')

describe('the password', () => {
  test.each([
    ['as it is', pass],
    ['in capitals', pass.toUpperCase()],
    ['percent-encoded', 'canary-pw%2f88'],
    ['as AUTH LOGIN sends it', base64(pass)],
    ['without its padding', base64(`${user}:${pass}`).replace(/=+$/, '')],
    ['as AUTH PLAIN sends it', base64(`\0${user}\0${pass}`)],
    ['for somebody to act for', base64(`${user}\0${user}\0${pass}`)],
    ['in the Base64 of URLs', Buffer.from(`${user}:${pass}`).toString('base64url')],
    ['in Base64 that lost its case', base64(`\0${user}\0${pass}`).toLowerCase()],
    ['in Base64 that was cut short', base64(`\0${user}\0${pass}`).slice(0, 14)],
    ['in Base64 of whatever more', base64(`login=${user}; password=${pass}; realm=x`)],
    ['in Base64 that other text runs into', `x/${base64(`who:${pass}`)}`],
  ])('is masked %s', (_form, text) => {
    expect(mask(`535 5.7.8 bad ${text} here`)).toBe('535 5.7.8 bad (secret) here')
  })

  test('is masked in each place of a reply', () => {
    const reply = `535 bad AUTH PLAIN ${base64(`\0${user}\0${pass}`)} ${pass} ${base64(pass)}`
    expect(mask(reply)).toBe('535 bad AUTH PLAIN (secret) (secret) (secret)')
  })

  test('may hold what patterns are written with', () => {
    expect(createReplyMask({ pass: 'a.b*(c)|[d]\\$^' })('no a.b*(c)|[d]\\$^; axb*(c)')).toBe(
      'no (secret); axb*(c)',
    )
  })
})

describe('the code', () => {
  test.each(['675089', '6 7 5 0 8 9', '675-089', '675.089', '675 - 089', '6\u2011750\u00a089', base64(code)])(
    'is masked as %j',
    (text) => {
      expect(mask(`554 your ${text} looks like spam`, code)).toBe('554 your (code) looks like spam')
    },
  )

  test.each([base64('Your code is 675 089.'), `x${base64('code 675089')}`])('is masked in %j', (text) => {
    expect(mask(`554 ${text} looks like spam`, code)).toBe('554 (secret) looks like spam')
  })

  test('is not taken for another number', () => {
    expect(mask('554 675 0x89, 76-50-89', code)).toBe('554 675 0x89, 76-50-89')
  })
})

test.each([
  '250 2.0.0 Ok: queued as 4Zx9kQ1MbYz2Rt5',
  '554 5.7.1 authentication of holdfast/administration required',
])('%j has nothing to mask', (reply) => {
  expect(mask(reply, code)).toBe(reply)
})

test('without a login and a code nothing is masked', () => {
  expect(createReplyMask()('535 c2VjcmV0LXNlY3JldA== 123456')).toBe('535 c2VjcmV0LXNlY3JldA== 123456')
})
