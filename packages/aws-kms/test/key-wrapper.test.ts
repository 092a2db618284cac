import { randomBytes } from 'node:crypto'
import type { KeyWrapper } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { callFor, dataKey, environmentFor, failureOf, isolateSdk, signingKeys } from './kms-caller.ts'
import { type KeyState, type KmsServer, startKmsServer } from './kms-server.ts'

let server: KmsServer
let keyId: string
let environment: Record<string, string | undefined>
let wrapper: KeyWrapper

beforeEach(async () => {
  isolateSdk()
  server = await startKmsServer(signingKeys)
  keyId = server.createKey()
  environment = environmentFor(server.url)
  wrapper = createKeyWrapper(environment)
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

function wrap(keyName = keyId, by = wrapper) {
  return by.wrap(keyName, dataKey, callFor('ring-1'))
}

describe('a data key', () => {
  test.each([
    { form: 'key id', nameOf: (id: string) => id },
    { form: 'alias', nameOf: () => 'alias/holdfast' },
    { form: 'ARN', nameOf: (id: string) => server.keyOf(id).arn },
  ])('is wrapped by $form, named by the ARN of the key, and unwrapped again', async ({ nameOf }) => {
    server.aliases.set('alias/holdfast', keyId)
    const wrapped = await wrap(nameOf(keyId))
    expect(wrapped.keyName).toBe(server.keyOf(keyId).arn)
    expect(Buffer.from(wrapped.wrapped).includes(dataKey)).toBe(false)
    const unwrapped = await wrapper.unwrap(wrapped, callFor('ring-1'))
    expect(Buffer.from(unwrapped)).toEqual(dataKey)
  })

  test('unwraps after the key was rotated', async () => {
    const wrapped = await wrap()
    server.keyOf(keyId).versions.push(randomBytes(32))
    expect(Buffer.from(await wrapper.unwrap(wrapped, callFor('ring-1')))).toEqual(dataKey)
  })

  test('unwraps with the region, endpoint and credentials that the SDK finds by itself', async () => {
    const wrapped = await wrap()
    for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
    const unwrapped = await createKeyWrapper({}).unwrap(wrapped, callFor('ring-1'))
    expect(Buffer.from(unwrapped)).toEqual(dataKey)
  })
})

describe('unwrap is refused', () => {
  test('for another ring', async () => {
    const failure = await failureOf(wrapper.unwrap(await wrap(), callFor('ring-2')))
    expect(failure.fault).toBe('refused')
    expect(failure.message).toBe(
      `AWS KMS could not unwrap the data key with ${server.keyOf(keyId).arn}: InvalidCiphertextException, ` +
        'status 400; it is another key, or another ring, than the data key was wrapped for, or the wrapped key is damaged',
    )
  })

  test('with another key', async () => {
    const { wrapped } = await wrap()
    const failure = await failureOf(
      wrapper.unwrap({ keyName: server.createKey(), wrapped }, callFor('ring-1')),
    )
    expect(failure).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining('IncorrectKeyException'),
    })
  })

  test('when the key version it was wrapped with is gone', async () => {
    const wrapped = await wrap()
    server.keyOf(keyId).versions = []
    expect(await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))).toMatchObject({ fault: 'refused' })
  })

  test.each<{ state: KeyState; remedy: string }>([
    { state: 'Disabled', remedy: 'enable the key' },
    { state: 'PendingDeletion', remedy: 'cancel the deletion of the key' },
  ])('when the key is $state', async ({ state, remedy }) => {
    const wrapped = await wrap()
    server.keyOf(keyId).state = state
    expect(await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining(remedy),
    })
  })

  test('when the wrapped key is damaged', async () => {
    const { keyName, wrapped } = await wrap()
    const damaged = Buffer.from(wrapped)
    damaged.writeUInt8(damaged.readUInt8(60) ^ 1, 60)
    const failure = await failureOf(wrapper.unwrap({ keyName, wrapped: damaged }, callFor('ring-1')))
    expect(failure.fault).toBe('refused')
  })

  test.each([0, 16, 31, 33])('when %d bytes come back', async (length) => {
    const wrapped = await wrap()
    const Plaintext = Buffer.concat([dataKey, dataKey]).toString('base64', 0, length)
    server.overrides.push((response) => response.end(JSON.stringify({ Plaintext })))
    expect(await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining(`it answered ${length} bytes instead of 32`),
    })
  })
})

test('wrap is refused when the answer holds no wrapped key', async () => {
  server.overrides.push((response) => response.end('{}'))
  expect(await failureOf(wrap())).toMatchObject({ fault: 'refused' })
})

test.each([
  ['an unknown key id', '00000000-0000-4000-8000-000000000000'],
  ['an unknown alias', 'alias/nobody'],
])('wrap with %s is not_found', async (_, keyName) => {
  expect(await failureOf(wrap(keyName))).toMatchObject({
    fault: 'not_found',
    message: expect.stringContaining(`${keyName}: NotFoundException`),
  })
})

test.each([
  {
    what: 'a wrong secret key',
    wrong: { AWS_SECRET_ACCESS_KEY: 'x'.repeat(40) },
    name: 'InvalidSignatureException',
  },
  {
    what: 'an unknown access key',
    wrong: { AWS_ACCESS_KEY_ID: 'AKIANOBODY' },
    name: 'UnrecognizedClientException',
  },
])('wrap with $what is denied, without the text of the answer', async ({ wrong, name }) => {
  const failure = await failureOf(wrap(keyId, createKeyWrapper({ ...environment, ...wrong })))
  expect(failure.fault).toBe('denied')
  expect(failure.message).toBe(
    `AWS KMS could not wrap the data key with ${keyId}: ${name}, status 400; ` +
      'check the credentials and the clock, and allow kms:Encrypt and kms:Decrypt on this key to them',
  )
})

test('a call that a policy denies says whose call and which policy', async () => {
  const denial =
    'User: arn:aws:iam::111122223333:user/mail is not authorized to perform: kms:Encrypt on resource: ' +
    'arn:aws:kms:eu-central-1:111122223333:key/1 because no identity-based policy allows the kms:Encrypt action'
  server.overrides.push((response) =>
    response.writeHead(400).end(JSON.stringify({ __type: 'AccessDeniedException', Message: denial })),
  )
  expect(await failureOf(wrap())).toMatchObject({
    fault: 'denied',
    message: expect.stringContaining(`AccessDeniedException, status 400, ${denial}; `),
  })
})
