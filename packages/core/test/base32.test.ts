import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { base32, readableBase32 } from '../src/base32.ts'

const zeros = Buffer.alloc(5)
const ones = Buffer.alloc(5, 255)
const fiveBytes = fc.uint8Array({ minLength: 5, maxLength: 5 })

describe.each([
  { name: 'base32', encode: base32, alphabet: /^[a-z2-7]{8}$/ },
  { name: 'readableBase32', encode: readableBase32, alphabet: /^[0-9A-HJKMNP-TV-Z]{8}$/ },
])('$name', ({ encode, alphabet }) => {
  test('gives 8 characters of its alphabet for any 5 bytes', () => {
    fc.assert(fc.property(fiveBytes, (bytes) => alphabet.test(encode(bytes))))
  })

  test('gives different text for different bytes', () => {
    fc.assert(
      fc.property(fiveBytes, fc.nat(39), (bytes, bit) => {
        const flipped = Buffer.from(bytes)
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        return encode(flipped) !== encode(bytes)
      }),
    )
  })

  test('reads the first 5 bytes only, when there are more', () => {
    expect(encode(Buffer.from('foobar'))).toBe(encode(Buffer.from('fooba')))
  })

  test.each([0, 4])('throws when it is given %d bytes', (length) => {
    expect(() => encode(Buffer.alloc(length))).toThrow(RangeError)
  })
})

test.each([
  { bytes: zeros, expected: 'aaaaaaaa' },
  { bytes: ones, expected: '77777777' },
  // RFC 4648 section 10.
  { bytes: Buffer.from('fooba'), expected: 'mzxw6ytb' },
])('base32 spells $expected as RFC 4648 does', ({ bytes, expected }) => {
  expect(base32(bytes)).toBe(expected)
})

test.each([
  { bytes: zeros, expected: '00000000' },
  { bytes: ones, expected: 'ZZZZZZZZ' },
  { bytes: Buffer.from('fooba'), expected: 'CSQPYRK1' },
])("readableBase32 spells $expected in Crockford's alphabet", ({ bytes, expected }) => {
  expect(readableBase32(bytes)).toBe(expected)
})
