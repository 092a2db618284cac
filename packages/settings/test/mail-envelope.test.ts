import { expect, test } from 'vitest'
import { envelopeOf } from '../src/mail-envelope.ts'

test.each([
  ['codes@example.com', 'codes@example.com'],
  ['Acme <codes@example.com>', 'codes@example.com'],
  ['<codes@example.com>', 'codes@example.com'],
])('the envelope of a mail from %s is from %s', (from, sender) => {
  expect(envelopeOf({ from, to: 'ada@example.com' })).toEqual({ from: sender, to: ['ada@example.com'] })
})
