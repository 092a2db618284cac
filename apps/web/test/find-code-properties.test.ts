import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findCode, readCodeInput } from '../src/code/find-code.ts'

const zeros = [0x30, 0xff10, 0x0660, 0x06f0, 0x0966]
const separators = ['', ' ', '\u00a0', '-', '\u2013', '.', ' - ']
const words = [
  'Your',
  'code',
  'is',
  'Dein',
  'Code:',
  'ist',
  '認証コード',
  'رمز',
  'Bonjour,',
  '(',
  ')',
  '–',
  '\n',
  'G-',
]
const lengths = fc.constantFrom(4, 5, 6, 7, 8, 9, 10)
const digitsOf = (length: number) => fc.stringMatching(new RegExp(`^\\d{${length}}$`))

/** A code, its length, and the ways in which somebody may write it. */
const codes = lengths.chain((length) => fc.record({ length: fc.constant(length), code: digitsOf(length) }))
const sizes = fc.constantFrom(1, 2, 3, 5)

function inScript(digits: string, zero: number): string {
  return digits.replace(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)))
}

function inGroups(digits: string, size: number, separator: string): string {
  return (digits.match(new RegExp(`.{1,${size}}`, 'g')) ?? []).join(separator)
}

/** What stands in mails about codes beside the code: times, dates, amounts, counts. None is as long as the code. */
function otherNumber(length: number): fc.Arbitrary<string> {
  const two = fc.integer({ min: 10, max: 59 })
  return fc
    .oneof(
      fc.tuple(two, two).map(([hours, minutes]) => `${hours}:${minutes}`),
      fc.tuple(two, two).map(([month, day]) => `2026-${month}-${day}`),
      fc.tuple(two, two).map(([day, month]) => `${day}.${month}.2026`),
      fc
        .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }))
        .map(([at, all]) => `${at} of ${all},`),
      two.map((minutes) => `${minutes} minutes`),
      fc.constant('HF-7K3M-9QXP'),
      fc.integer({ min: 0, max: 9_999_999 }).map(String),
    )
    .filter((text) => !(text.match(/\d+/g) ?? []).some((digits) => digits.length === length))
}

test('a code is found in whatever groups, separators and script it is written', () => {
  const written = fc.record({
    code: codes,
    size: sizes,
    separator: fc.constantFrom(...separators),
    zero: fc.constantFrom(...zeros),
    around: fc.constantFrom('', ' ', '\n', '\t '),
  })
  fc.assert(
    fc.property(written, ({ code: { code, length }, size, separator, zero, around }) => {
      const text = around + inScript(inGroups(code, size, separator), zero) + around
      expect(findCode(text, length)).toBe(code)
      expect(readCodeInput(text, length)).toBe(code)
    }),
  )
})

test('a code is found in a sentence with words, times, dates, counts and other numbers around it', () => {
  const sentences = codes.chain(({ code, length }) => {
    const stuff = fc.array(fc.oneof(fc.constantFrom(...words), otherNumber(length)), { maxLength: 8 })
    return fc.record({
      code: fc.constant(code),
      before: stuff,
      after: stuff,
      end: fc.constantFrom('', '.', ',', ')'),
    })
  })
  fc.assert(
    fc.property(sentences, ({ code, before, after, end }) => {
      const text = [...before, 'Code', `${code}${end}`, ...after].join(' ')
      expect(findCode(text, code.length)).toBe(code)
    }),
    { numRuns: 1000 },
  )
})

test('two codes that differ are none, unless one stands alone on its line', () => {
  const pairs = lengths.chain((length) => fc.tuple(digitsOf(length), digitsOf(length)))
  fc.assert(
    fc.property(pairs, ([one, other]) => {
      fc.pre(one !== other)
      expect(findCode(`either ${one} or ${other}`, one.length)).toBeNull()
      expect(findCode(`not ${one} but\n${other}\nthanks`, one.length)).toBe(other)
    }),
  )
})

test('whatever is entered, the field holds no more than digits of the text, and settles at once', () => {
  const piece = fc.oneof(fc.constantFrom(...words, ...separators, '10:42', '１２'), fc.string(), digitsOf(3))
  const texts = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(texts, lengths, (text, length) => {
      const held = readCodeInput(text, length)
      if (held === null) return
      expect(held).toMatch(/^\d*$/)
      expect(held.length).toBeLessThanOrEqual(length)
      expect(readCodeInput(held, length)).toBe(held)
    }),
    { numRuns: 1000 },
  )
})
