import { expect, test } from 'vitest'
import { replyText } from '../src/mail/reply-text.ts'

test.each([
  ['250 2.0.0 Ok: queued as 4Zx', '250 2.0.0 Ok: queued as 4Zx'],
  ['250-first\r\n250 second', '250-first'],
  ['550 5.1.1 <ada@example.com>: no such user', '550 5.1.1 <(address)>: no such user'],
  ['550 see https://mx.example/?to=ada%40example.com for why', '550 see (address) for why'],
  ['550 SRS0=ada=40example.com refused', '550 (address) refused'],
  ['550 \u001b[31mred\u001b[0m\u0000\u0007', '550  [31mred [0m'],
  ['550 \u202emoc.elpmaxe', '550  moc.elpmaxe'],
  ['554 your 123456 looks like spam', '554 your (code) looks like spam'],
])('%j is kept as %j', (reply, kept) => {
  expect(replyText(reply, '123456')).toBe(kept)
})

test('a reply is kept to 200 characters', () => {
  expect(replyText('x'.repeat(50_000))).toHaveLength(200)
})

test('A38: no pattern is tried at more than 400 characters of a reply, or the server would stand still for it', () => {
  expect(replyText(`${'x'.repeat(50_000)}@example.com`)).toBe('x'.repeat(200))
  expect(replyText(`${'x'.repeat(397)}@example.com`)).toBe('(address)')
})
