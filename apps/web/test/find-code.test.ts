import { expect, test } from 'vitest'
import { findCode, readCodeInput } from '../src/code/find-code.ts'

test.each([
  ['the code itself', '123456'],
  ['spaces around it', '  123456\n'],
  ['a space in it', '123 456'],
  ['a no-break space in it', '123\u00a0456'],
  ['a dash in it', '123-456'],
  ['an en dash in it', '123\u2013456'],
  ['a space between all digits', '1 2 3 4 5 6'],
  ['full-width digits', '１２３４５６'],
  ['Arabic-Indic digits', '١٢٣٤٥٦'],
  ['Persian digits', '۱۲۳۴۵۶'],
  ['Devanagari digits', '१२३४५६'],
  ['a sentence', 'Your code is 123456. It expires in 10 minutes.'],
  ['a sentence with a space in the code', 'Use 123 456 within 10 minutes.'],
  [
    'a mail with a date and a reference',
    'Sent 2026-01-02 10:30, HF-7K3M-9QXP.\n\n123456\n\nGood for 10 minutes.',
  ],
  ['a mail with another number of that length', 'Order 555555\n\n123456\n'],
  ['a mail with its number, a time and the code', 'Code 2 of 2, asked for at 10:42.\nYour code: 123456'],
  ['a sentence with a number, a time and the code', 'code 2 of 2 from 10:42 today is 123456, for 10 minutes'],
  ['a prefix that services put before it', 'G-123456 is your code'],
  ['the same code twice', '123456 is your code. Enter 123456.'],
])('findCode finds 123456 in %s', (_what, text) => {
  expect(findCode(text, 6)).toBe('123456')
})

test.each([
  ['nothing', ''],
  ['words', 'Hello'],
  ['too few digits', '12345'],
  ['a longer number', '1234567'],
  ['a phone number', '0176 12345678'],
  ['two numbers of that length', 'Either 123456 or 654321.'],
  ['a date in a sentence', 'Sent on 2026-01-02.'],
  ['an amount', 'Total 1,123456'],
])('findCode finds no code in %s', (_what, text) => {
  expect(findCode(text, 6)).toBeNull()
})

test.each([
  [4, 'Use 12-34 now', '1234'],
  [5, 'Use 12345 now', '12345'],
  [7, '123 4567', '1234567'],
  [8, 'Use 1234 5678 now', '12345678'],
])('findCode finds a code of %i digits', (length, text, code) => {
  expect(findCode(text, length)).toBe(code)
})

test.each([
  ['', ''],
  ['12', '12'],
  ['12a', '12'],
  ['123 4', '1234'],
  ['123 456', '123456'],
  ['１２', '12'],
])('readCodeInput keeps the digits of %j as typed', (text, digits) => {
  expect(readCodeInput(text, 6)).toBe(digits)
})

test('readCodeInput takes a code out of a text with more digits', () => {
  expect(readCodeInput('123456 expires in 10 minutes', 6)).toBe('123456')
})

test.each([
  ['numbers that come to as many digits as a code has', 'code 2 of 2, 10:42'],
  ['a date', 'on 12.34.56 it was'],
])('readCodeInput takes %s in a text that came at once for no code', (_what, text) => {
  expect(readCodeInput(text, 6)).toBeNull()
})

test('findCode takes no year or time for a code of four digits', () => {
  expect(findCode('At 10:42 on 2026-01-02: 4711', 4)).toBe('4711')
})

test('readCodeInput refuses a seventh digit instead of cutting it off', () => {
  expect(readCodeInput('1234567', 6)).toBeNull()
})
