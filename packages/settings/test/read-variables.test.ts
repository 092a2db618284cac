import { expect, test } from 'vitest'
import { z } from 'zod'
import { readVariables } from '../src/read-variables.ts'
import { wholeNumber } from '../src/whole-number.ts'

const schema = z.object({
  PORT: wholeNumber(0, 65_535).prefault('3000'),
  NAME: z.string().optional(),
  LEVEL: z.enum(['low', 'high'], 'expected low or high').default('low'),
})

test('readVariables takes an empty variable for one that is not set, and ignores those it does not know', () => {
  expect(readVariables(schema, { PORT: '', NAME: '', LEVEL: undefined, OTHER: 'x' })).toEqual({
    values: { PORT: 3000, LEVEL: 'low' },
    faults: [],
  })
})

test('readVariables tells every fault at once, by name and not by value, and gives the other values', () => {
  expect(readVariables(schema, { PORT: 'canary', NAME: 'a', LEVEL: 'canary' })).toEqual({
    values: { PORT: 3000, NAME: 'a', LEVEL: 'low' },
    faults: ['PORT: expected a whole number from 0 to 65535', 'LEVEL: expected low or high'],
  })
})
