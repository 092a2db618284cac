import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseSecretKey } from '../src/secret-key.ts'
import { secretOf } from './rings.ts'

const secret = secretOf('first')
const hex = secret.toString('hex')
const phrase = 'four legs good, two legs better! 1945'

test.each<{ form: string; text: string; expected: Buffer }>([
  { form: 'hex', text: hex, expected: secret },
  { form: 'upper-case hex', text: hex.toUpperCase(), expected: secret },
  { form: '128 hex digits', text: hex + hex, expected: Buffer.concat([secret, secret]) },
  { form: 'base64', text: secret.toString('base64'), expected: secret },
  { form: 'base64 without padding', text: secret.toString('base64').replace('=', ''), expected: secret },
  { form: 'base64url', text: secret.toString('base64url'), expected: secret },
  { form: 'plain text', text: phrase, expected: Buffer.from(phrase) },
  {
    form: 'plain text in UTF-8',
    text: 'déjà vu, déjà lu, déjà bu, déjà su',
    expected: Buffer.from('déjà vu, déjà lu, déjà bu, déjà su'),
  },
  {
    form: '32 characters of plain text',
    text: 'abcdefgh!ijklmnop?qrstuvwx*01234',
    expected: Buffer.from('abcdefgh!ijklmnop?qrstuvwx*01234'),
  },
  { form: 'hex and a newline', text: `${hex}\n`, expected: secret },
  { form: 'hex and a Windows newline', text: `${hex}\r\n`, expected: secret },
  { form: 'plain text and a newline', text: `${phrase}\n`, expected: Buffer.from(phrase) },
  {
    form: 'five distinct bytes',
    text: `01020304${'00'.repeat(28)}`,
    expected: Buffer.from(`01020304${'00'.repeat(28)}`, 'hex'),
  },
])('parseSecretKey reads $form', ({ text, expected }) => {
  const parsed = parseSecretKey(text)
  expect(parsed.ok && Buffer.from(parsed.secret)).toEqual(expected)
})

test.each([
  ['', 'is empty'],
  ['\n', 'is empty'],
  ['\r\n', 'is empty'],
  ['   ', 'has white space or a byte order mark around it'],
  ['\t\n', 'has white space or a byte order mark around it'],
  [` ${hex}`, 'has white space or a byte order mark around it'],
  [`${hex} `, 'has white space or a byte order mark around it'],
  [`${hex}\u00a0\n`, 'has white space or a byte order mark around it'],
  [`\ufeff${hex}`, 'has white space or a byte order mark around it'],
  [`${hex}\n\n`, 'has more than one line'],
  [`${hex}\r`, 'has more than one line'],
  [`\n${hex}`, 'has more than one line'],
  [`${hex}\n${hex}\n`, 'has more than one line'],
  [`"${hex}"`, 'is in quotes'],
  [`'${phrase}'`, 'is in quotes'],
  [`0x${hex}`, 'begins with 0x'],
  [`${hex},${hex.replaceAll('a', 'b')}`, 'holds several keys'],
  [`${hex} ${hex.replaceAll('a', 'b')}`, 'holds several keys'],
  [`${secret.toString('base64')};${secret.toString('base64')}`, 'holds several keys'],
  [`${hex}\\n${hex}`, 'holds several keys'],
  [`PATH=/usr/bin\u0000${phrase}`, 'has control characters'],
  ['changeme', 'is a placeholder'],
  ['please-CHANGE_ME-before-you-go-live-1234567890', 'is a placeholder'],
  ['secret-secret-secret-secret-secret-123', 'is a placeholder'],
  ['your-secret-key-goes-here-0123456789abcdef', 'is a placeholder'],
  ['replace this with 32 random bytes or more', 'is a placeholder'],
  ['an example of a key that is long enough!', 'is a placeholder'],
  ['<placeholder for the key of this server>', 'is a placeholder'],
  ['0123456789abcdef', 'is shorter than 32 bytes'],
  [hex.slice(0, 32), 'is shorter than 32 bytes'],
  [hex.slice(0, 48), 'is shorter than 32 bytes'],
  [hex.slice(0, 62), 'is shorter than 32 bytes'],
  ['dev', 'is shorter than 32 bytes'],
  ['thirty-one characters of text !', 'is shorter than 32 bytes'],
  [hex.slice(0, 63), 'has an odd number of hex digits'],
  [`${hex}0`, 'has an odd number of hex digits'],
  ['00'.repeat(32), 'has fewer than 5 distinct bytes'],
  ['\0'.repeat(40), 'has fewer than 5 distinct bytes'],
  ['A'.repeat(43), 'has an odd number of hex digits'],
  [`${'A'.repeat(43)}=`, 'has fewer than 5 distinct bytes'],
  ['x!'.repeat(20), 'has fewer than 5 distinct bytes'],
  [`010203${'00'.repeat(29)}`, 'has fewer than 5 distinct bytes'],
  // What 32 random bytes become when they are read as UTF-8.
  [secret.toString('utf8').replaceAll(/\s/g, ''), 'is not UTF-8 text'],
])('parseSecretKey refuses %j, which %s', (text, fault) => {
  expect(parseSecretKey(text)).toEqual({ ok: false, fault })
})

test.each(['hex', 'base64', 'base64url'] as const)(
  'parseSecretKey reads the same key from %s, whatever its bytes and whether or not a newline ends it',
  (encoding) => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom('', '\n', '\r\n'), (seed, end) => {
        const bytes = secretOf(String(seed))
        const parsed = parseSecretKey(bytes.toString(encoding) + end)
        expect(parsed.ok && Buffer.from(parsed.secret)).toEqual(bytes)
      }),
    )
  },
)

test('parseSecretKey accepts nothing of fewer than 32 bytes or 5 distinct ones, whatever the text', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'0a!Zé=-'), minLength: 20, maxLength: 70 }), (text) => {
      const parsed = parseSecretKey(text)
      return !parsed.ok || (parsed.secret.length >= 32 && new Set(parsed.secret).size >= 5)
    }),
  )
})
