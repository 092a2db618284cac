import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createReference, parseReference } from '../src/reference.ts'

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

test.each([
  'HF-7K3M-9QX1',
  'hf-7k3m-9qx1',
  'HF7K3M9QX1',
  '7K3M9QX1',
  ' 7k3m 9qxl ',
  'HF 7K3M 9QXI',
  'HF\u20137K3M\u20139QX1',
])('parseReference reads %j', (text) => {
  expect(parseReference(text)).toBe('HF-7K3M-9QX1')
})

test('parseReference reads what createReference made, whichever way it is written down', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 5, maxLength: 5 }), (bytes) => {
      const reference = createReference(() => bytes)
      const written = reference.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('-', ' ')
      return parseReference(written) === reference && parseReference(written.slice(3)) === reference
    }),
  )
})

test.each(['', 'HF', 'HF-7K3M-9QX', 'HF-7K3M-9QXPP', 'HF-7K3M-9QXU', 'XX-7K3M-9QXP', 'ada@example.com'])(
  'parseReference takes %j for none',
  (text) => {
    expect(parseReference(text)).toBeUndefined()
  },
)
