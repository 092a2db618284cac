import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { answerError, answerJson, startCloudKms } from './cloud-kms.ts'
import { createServiceAccount, stubGoogleEnvironment } from './google-environment.ts'
import { failureOf, secretsShownBy } from './shown.ts'

const dataKey = randomBytes(32)
const call = { ringId: 'ring-1', signal: new AbortController().signal }
const account = createServiceAccount()

let environment: Awaited<ReturnType<typeof stubGoogleEnvironment>>
let kms: Awaited<ReturnType<typeof startCloudKms>>
let wrapper: ReturnType<typeof createKeyWrapper>

beforeAll(async () => {
  environment = await stubGoogleEnvironment(account.keyFile)
})

afterAll(() => environment[Symbol.asyncDispose]())

beforeEach(async () => {
  kms = await startCloudKms(account)
  wrapper = createKeyWrapper(kms.environment)
})

afterEach(() => kms[Symbol.asyncDispose]())

test('unwrap gives the data key that wrap was given, under the name of the key', async () => {
  const keyName = kms.addVersion('ring')
  const wrapped = await wrapper.wrap(keyName, dataKey, call)
  expect(wrapped.keyName).toBe(keyName)
  expect(Buffer.from(wrapped.wrapped).includes(dataKey)).toBe(false)
  expect(Buffer.from(await wrapper.unwrap(wrapped, call))).toEqual(dataKey)
  expect(kms.heard.map(({ line }) => line)).toEqual([
    `POST /v1/${keyName}:encrypt`,
    `POST /v1/${keyName}:decrypt`,
  ])
})

test('unwrap gives a data key that was wrapped before a rotation', async () => {
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  kms.addVersion('ring')
  expect(Buffer.from(await wrapper.unwrap(wrapped, call))).toEqual(dataKey)
})

test('unwrap for another ring is refused', async () => {
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  const error = await failureOf(wrapper.unwrap(wrapped, { ...call, ringId: 'ring-2' }))
  expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('400 INVALID_ARGUMENT') })
})

test('unwrap with another key is refused', async () => {
  const { wrapped } = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  const error = await failureOf(wrapper.unwrap({ keyName: kms.addVersion('other'), wrapped }, call))
  expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('400 INVALID_ARGUMENT') })
})

test('wrap and unwrap with a disabled version are refused', async () => {
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  kms.disableVersions(wrapped.keyName)
  const refusal = { fault: 'refused', message: expect.stringContaining('400 FAILED_PRECONDITION') }
  expect(await failureOf(wrapper.unwrap(wrapped, call))).toMatchObject(refusal)
  expect(await failureOf(wrapper.wrap(wrapped.keyName, dataKey, call))).toMatchObject(refusal)
})

test('unwrap with a key that is not there is not found', async () => {
  const { keyName, wrapped } = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  const error = await failureOf(wrapper.unwrap({ keyName: `${keyName}-2`, wrapped }, call))
  expect(error).toMatchObject({ fault: 'not_found', message: expect.stringContaining('404 NOT_FOUND') })
})

test('unwrap of anything but 32 bytes is refused', async () => {
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey.subarray(1), call)
  const error = await failureOf(wrapper.unwrap(wrapped, call))
  expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('31 bytes') })
})

test.each([
  { what: 'a false checksum', altered: { ciphertextCrc32c: '1' } },
  { what: 'no checksum', altered: { ciphertextCrc32c: undefined } },
  { what: 'no ciphertext', altered: { ciphertext: undefined } },
  { what: 'a plaintext it did not check', altered: { verifiedPlaintextCrc32c: false } },
  { what: 'a ring id it did not check', altered: { verifiedAdditionalAuthenticatedDataCrc32c: false } },
  { what: 'the name of another key', altered: { name: 'projects/p/locations/l/keyRings/r/cryptoKeys/k' } },
])('wrap is refused when KMS answers $what', async ({ altered }) => {
  const keyName = kms.addVersion('ring')
  kms.alter = (answer) => ({ ...answer, ...altered })
  expect((await failureOf(wrapper.wrap(keyName, dataKey, call))).fault).toBe('refused')
})

test.each([
  { what: 'a false checksum', altered: { plaintextCrc32c: '1' } },
  { what: 'no checksum', altered: { plaintextCrc32c: undefined } },
  { what: 'another data key', altered: { plaintext: randomBytes(32).toString('base64') } },
])('unwrap is refused when KMS answers $what', async ({ altered }) => {
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  kms.alter = (answer) => ({ ...answer, ...altered })
  const error = await failureOf(wrapper.unwrap(wrapped, call))
  expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('checksum') })
  expect(secretsShownBy(error, [dataKey])).toEqual([])
})

test.each([
  { status: 401, code: 'UNAUTHENTICATED', reason: 'ACCESS_TOKEN_EXPIRED', fault: 'denied' },
  { status: 403, code: 'PERMISSION_DENIED', reason: 'IAM_PERMISSION_DENIED', fault: 'denied' },
  { status: 403, code: 'PERMISSION_DENIED', reason: undefined, fault: 'denied' },
  { status: 429, code: 'RESOURCE_EXHAUSTED', reason: 'RATE_LIMIT_EXCEEDED', fault: 'throttled' },
  { status: 500, code: 'INTERNAL', reason: undefined, fault: 'unreachable' },
  { status: 503, code: 'UNAVAILABLE', reason: undefined, fault: 'unreachable' },
])('wrap fails as $fault when KMS answers $status $code $reason, asking once', async (answer) => {
  const keyName = kms.addVersion('ring')
  kms.respond = (response) => answerError(response, answer.status, answer.code, answer.reason)
  const error = await failureOf(wrapper.wrap(keyName, dataKey, call))
  expect(error.fault).toBe(answer.fault)
  const found = [answer.status, answer.code, answer.reason].filter(Boolean).join(' ')
  expect(error.message).toContain(
    `Google Cloud KMS could not wrap the data key with ${keyName}: it answered ${found}. `,
  )
  expect(error.message).not.toContain('\n')
  expect(kms.heard).toHaveLength(1)
})

test.each([200, 401, 403, 500])('no error shows what an answer with status %d repeats', async (status) => {
  const keyName = kms.addVersion('ring')
  kms.respond = (response, { authorization, body }) => {
    const details = [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: body, domain: authorization },
    ]
    const error = { code: status, message: `${authorization} ${body}`, status: body, details }
    answerJson(response, status, { error, name: body, ciphertext: body })
  }
  const error = await failureOf(wrapper.wrap(keyName, dataKey, call))
  const secrets = [dataKey, kms.heard[0]?.authorization.split('.')[2] ?? '']
  expect(secretsShownBy(new Error('as heard', { cause: kms.heard }), secrets)).toEqual(secrets)
  expect(secretsShownBy(error, secrets)).toEqual([])
})

test.each([
  ['nothing', ''],
  ['a bare name', 'holdfast'],
  ['a version', 'projects/p/locations/global/keyRings/r/cryptoKeys/k/cryptoKeyVersions/1'],
  ['a step up', 'projects/p/locations/global/keyRings/r/cryptoKeys/..'],
  ['an operation', 'projects/p/locations/global/keyRings/r/cryptoKeys/k:decrypt'],
])('wrap calls a key name with %s misconfigured', async (_, keyName) => {
  const error = await failureOf(wrapper.wrap(keyName, dataKey, call))
  expect(error).toMatchObject({
    fault: 'misconfigured',
    message: expect.stringContaining('Expected projects/'),
  })
  expect(kms.heard).toEqual([])
})
