import { randomBytes } from 'node:crypto'
import { KeyWrapperError } from '@holdfast/core'
import { expect, vi } from 'vitest'
import { shownIn } from './error-traces.ts'

export const dataKey = randomBytes(32)

export const signingKeys = {
  accessKeyId: 'AKIDHOLDFASTTESTS001',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYholdfast01',
}

const sessionToken = 'FwoGZXIvYXdzEBYaDHoldfastSessionToken=='

export function environmentFor(url: string): Record<string, string | undefined> {
  return {
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_KMS: url,
    AWS_ACCESS_KEY_ID: signingKeys.accessKeyId,
    AWS_SECRET_ACCESS_KEY: signingKeys.secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  }
}

/** Keeps the SDK off what this machine has of AWS, and off the metadata services. `vi.unstubAllEnvs` undoes it. */
export function isolateSdk(): void {
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined)
  }
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent/config')
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent/credentials')
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
}

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
  expect(shownIn(error, [dataKey, ...Object.values(signingKeys), sessionToken])).toEqual([])
  expect(error.message).not.toMatch(/[\n\r]/)
  return error
}
