import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codeMac, issueCode, parseCode } from '../src/code.ts'
import { keyOf, ringOf } from './rings.ts'

describe('issueCode', () => {
  test.each([
    { drawn: 0, length: 6, expected: '000000' },
    { drawn: 42, length: 6, expected: '000042' },
    { drawn: 999_999, length: 6, expected: '999999' },
    { drawn: 42, length: 8, expected: '00000042' },
  ])('keeps the leading zeros of $drawn as a code of $length digits', ({ drawn, length, expected }) => {
    expect(issueCode(length, () => drawn)).toBe(expected)
  })

  test.each([6, 8])('draws from all codes of %d digits', (length) => {
    const bounds: number[] = []
    issueCode(length, (below) => {
      bounds.push(below)
      return 0
    })
    expect(bounds).toEqual([10 ** length])
  })

  test('makes every digit equally likely in every position', () => {
    const draws = 100_000
    const counts = Array.from({ length: 6 }, () => new Array<number>(10).fill(0))
    for (let draw = 0; draw < draws; draw++) {
      const code = issueCode(6)
      for (const [position, count] of counts.entries()) {
        const digit = Number(code[position])
        count[digit] = (count[digit] ?? 0) + 1
      }
    }
    const expected = draws / 10
    const chiSquares = counts.map((count) =>
      count.reduce((sum, observed) => sum + (observed - expected) ** 2 / expected, 0),
    )
    // With 9 degrees of freedom a fair source exceeds 60 once in a thousand million.
    expect(Math.max(...chiSquares)).toBeLessThan(60)
    expect(counts.flat().reduce((sum, count) => sum + count, 0)).toBe(6 * draws)
  })
})

describe('parseCode', () => {
  test.each([
    ['as it was sent', '012345'],
    ['spaces around and within', ' 012 345\n'],
    ['no-break and ideographic spaces', '012\u00a0345\u3000'],
    ['a hyphen', '012-345'],
    ['a space after each digit', '0 1 2 3 4 5 '],
    ['a non-breaking hyphen', '012\u2011345'],
    ['an en dash', '012–345'],
    ['an em dash', '012—345'],
    ['a minus sign', '012\u2212345'],
    ['a full-width hyphen', '012－345'],
    ['full-width digits', '０１２３４５'],
    ['full-width digits among others', '０12３45'],
  ])('reads a code with %s', (_, input) => {
    expect(parseCode(input, 6)).toBe('012345')
  })

  test.each([
    ['nothing', ''],
    ['only spaces and dashes', ' - - '],
    ['five digits', '01234'],
    ['seven digits', '0123456'],
    ['4,096 digits', '0'.repeat(4096)],
    ['4,096 spaces and five digits', `${' '.repeat(4096)}01234`],
    ['Arabic-Indic digits', '٠١٢٣٤٥'],
    ['Devanagari digits', '०१२३४५'],
    ['letters', 'abcdef'],
    ['a letter O for a zero', 'O12345'],
    ['hexadecimal', '0x1234'],
    ['an exponent', '1e5000'],
    ['a sign', '+12345'],
    ['a decimal point', '1234.5'],
    ['an underscore', '012_345'],
    ['a zero-width space', '012\u200b345'],
    ['a NUL', '012345\0'],
    ['a comma', '012,345'],
  ])('refuses %s', (_, input) => {
    expect(parseCode(input, 6)).toBeUndefined()
  })

  test('reads every code that issueCode made, at the length it was made for and at no other', () => {
    fc.assert(
      fc.property(fc.nat(99_999_999), (drawn) => {
        const code = issueCode(8, () => drawn)
        expect(parseCode(code, 8)).toBe(code)
        expect(parseCode(code, 6)).toBeUndefined()
      }),
    )
  })

  test('gives ASCII digits of the asked length or nothing, whatever it is given', () => {
    const unit = fc.constantFrom(...'0123456789０５９٠①-– ', '\u200b', 'é')
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit }), fc.string({ unit: 'binary' })),
        fc.constantFrom(4, 6, 8),
        (input, length) => {
          const code = parseCode(input, length)
          return code === undefined || (/^[0-9]+$/.test(code) && code.length === length)
        },
      ),
    )
  })
})

describe('codeMac', () => {
  const first = keyOf('first')
  const second = keyOf('second')
  const ring = ringOf(first, second)
  const about = { verificationId: 'verification-1', email: 'ada@example.com', code: '012345' }
  const mac = codeMac(ring, first.kid, about)

  // Made with Python's hmac: codes that are on their way must hold through an upgrade.
  test('gives the MAC that earlier releases gave', () => {
    expect(mac).toBe('49gqrpdWGjAoWBgZofpW2R5Aq3r6YjxUOAfUGluVUyI')
  })

  test.each([
    { part: 'verification', other: codeMac(ring, first.kid, { ...about, verificationId: 'verification-2' }) },
    { part: 'address', other: codeMac(ring, first.kid, { ...about, email: 'bob@example.com' }) },
    { part: 'code', other: codeMac(ring, first.kid, { ...about, code: '012346' }) },
    { part: 'leading zero', other: codeMac(ring, first.kid, { ...about, code: '12345' }) },
    { part: 'key', other: codeMac(ring, second.kid, about) },
  ])('is another MAC when the $part is another', ({ other }) => {
    expect(other).toHaveLength(mac.length)
    expect(other).not.toBe(mac)
  })

  test('is the same MAC after a restart or a rotation that kept the key', () => {
    const rotated = ringOf(keyOf('third', { signsFromMs: 500 }), keyOf('first', { state: 'retired' }))
    expect(codeMac(rotated, first.kid, about)).toBe(mac)
  })

  test('differs for any two addresses and codes, even where an address holds the separator', () => {
    const local = fc.string({ unit: fc.constantFrom('a', '|', '0'), maxLength: 6 })
    const code = fc.string({ unit: fc.constantFrom('0', '1'), minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(local, code, local, code, (local, code, otherLocal, otherCode) => {
        const one = codeMac(ring, first.kid, { verificationId: 'v', email: `${local}@a.example`, code })
        const other = codeMac(ring, first.kid, {
          verificationId: 'v',
          email: `${otherLocal}@a.example`,
          code: otherCode,
        })
        expect(one === other).toBe(local === otherLocal && code === otherCode)
      }),
    )
  })
})
