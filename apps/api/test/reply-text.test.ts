import { createReplyMask } from '@holdfast/settings'
import { expect, test } from 'vitest'
import { replyText } from '../src/mail/reply-text.ts'

const pass = 'canary-pw-88'
const maskReply = createReplyMask({ user: 'holdfast', pass })
const kept = (reply: string) => replyText(reply, (text) => maskReply(text, '123456'))

test.each([
  ['250 2.0.0 Ok: queued as 4Zx', '250 2.0.0 Ok: queued as 4Zx'],
  ['250-first\r\n250 second', '250-first'],
  ['550 5.1.1 <ada@example.com>: no such user', '550 5.1.1 <(address)>: no such user'],
  ['550 see https://mx.example/?to=ada%40example.com for why', '550 see (address) for why'],
  ['550 SRS0=ada=40example.com refused', '550 (address) refused'],
  ['550 \u001b[31mred\u001b[0m\u0000\u0007', '550  [31mred [0m'],
  ['550 \u202emoc.elpmaxe', '550  moc.elpmaxe'],
  ['554 your 123456 looks like spam', '554 your (code) looks like spam'],
  ['554 your 1 2 3-4 5 6 looks like spam', '554 your (code) looks like spam'],
  ['550 ask holdfast:canary-pw-88@mx.example', '550 ask (address)'],
  ['550 no \0holdfast\0canary-pw-88', '550 no  holdfast (secret)'],
])('%j is kept as %j', (reply, text) => {
  expect(kept(reply)).toBe(text)
})

test('a reply is kept to 200 characters', () => {
  expect(kept('x'.repeat(50_000))).toHaveLength(200)
})

test('A38: no address is looked for in more than 400 characters of a reply, or the server would stand still for it', () => {
  expect(kept(`${'x'.repeat(50_000)}@example.com`)).toBe('x'.repeat(200))
  expect(kept(`${'x'.repeat(397)}@example.com`)).toBe('(address)')
  expect(kept('x'.repeat(70_000))).toBe('(a line without an end)')
})

test.each([190, 195, 390, 395])(
  'of a password that begins at character %i nothing is left by the cut',
  (start) => {
    const text = `550 ${'y '.repeat(start / 2 - 2).padEnd(start - 4, 'y')}${pass}`
    expect(kept(text)).not.toContain('can')
    // What comes before may shrink, and what was behind the cut come to be before it.
    expect(kept(`550 <${'z'.repeat(start - 20)}@example.com> ${pass}`)).not.toMatch(/can/)
  },
)
