import { randomBytes } from 'node:crypto'
import { KeyWrapperError } from '@holdfast/core'
import { expect } from 'vitest'
import { shownIn } from './error-traces.ts'

export const dataKey = randomBytes(32)
export const token = 'hvs.CAESIHoldfastTestToken0123456789'

export function callFor(ringId: string, signal = new AbortController().signal) {
  return { ringId, signal }
}

/** What the work failed with: one line, in which no secret shows. */
export async function failureOf(work: Promise<unknown>): Promise<KeyWrapperError> {
  const error = await work.then(
    () => expect.fail('expected a failure'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof KeyWrapperError)) throw error
  expect(shownIn(error, [dataKey, token])).toEqual([])
  expect(error.message).not.toMatch(/[\n\r]/)
  return error
}
