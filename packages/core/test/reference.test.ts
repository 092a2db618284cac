import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReference } from '../src/reference.ts'

test('createReference puts the random bits in two groups of four after HF', () => {
  expect(createReference(() => Buffer.from('fooba'))).toBe('HF-CSQP-YRK1')
})

test('createReference leaves out the letters that are mistaken for others, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) =>
      /^HF-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/.test(createReference(() => bytes)),
    ),
  )
})

test('createReference asks for 40 random bits, and makes another one each time', () => {
  const sizes: number[] = []
  createReference((size) => {
    sizes.push(size)
    return Buffer.alloc(size)
  })
  expect(sizes).toEqual([5])
  expect(new Set(Array.from({ length: 1000 }, () => createReference())).size).toBe(1000)
})
