import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { stubAzureEnvironment } from './azure-environment.ts'
import { startIdentityEndpoint } from './identity-endpoint.ts'
import { answerError, answerJson, startKeyVault } from './key-vault.ts'
import { failureOf, secretsShownBy } from './shown.ts'
import { type Certificate, createTrustedCertificate } from './trusted-certificate.ts'

const dataKey = randomBytes(32)
const call = { ringId: 'ring-1', signal: new AbortController().signal }
const wrapper = createKeyWrapper({})

let certificate: Certificate
let identity: Awaited<ReturnType<typeof startIdentityEndpoint>>

beforeAll(async () => {
  certificate = await createTrustedCertificate()
  identity = await startIdentityEndpoint()
  stubAzureEnvironment(identity.environment)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await identity[Symbol.asyncDispose]()
})

const openVault = () => startKeyVault(certificate, identity.token)

test('unwrap gives the data key that wrap was given, under the full name of the key', async () => {
  await using vault = await openVault()
  const keyUrl = vault.addVersion('ring')
  const wrapped = await wrapper.wrap(keyUrl, dataKey, call)
  expect(wrapped.keyName).toBe(keyUrl)
  expect(wrapped.wrapped).toHaveLength(256)
  expect(Buffer.from(await wrapper.unwrap(wrapped, call))).toEqual(dataKey)
  expect(vault.heard.map(({ line }) => line)).toEqual([
    `POST ${new URL(keyUrl).pathname}/wrapkey`,
    `POST ${new URL(keyUrl).pathname}/unwrapkey`,
  ])
})

test('wrap without a version records the newest one, which still unwraps after a rotation', async () => {
  await using vault = await openVault()
  vault.addVersion('ring')
  const newest = vault.addVersion('ring')
  const wrapped = await wrapper.wrap(vault.keyUrl('ring'), dataKey, call)
  expect(wrapped.keyName).toBe(newest)
  vault.addVersion('ring')
  expect(Buffer.from(await wrapper.unwrap(wrapped, call))).toEqual(dataKey)
})

test('unwrap with another version of the key is refused', async () => {
  await using vault = await openVault()
  const { wrapped } = await wrapper.wrap(vault.addVersion('ring'), dataKey, call)
  const error = await failureOf(wrapper.unwrap({ keyName: vault.addVersion('ring'), wrapped }, call))
  expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('400 BadParameter') })
})

test('unwrap of a wrapped key that was changed is refused', async () => {
  await using vault = await openVault()
  const { keyName, wrapped } = await wrapper.wrap(vault.addVersion('ring'), dataKey, call)
  wrapped[100] = (wrapped[100] ?? 0) ^ 1
  expect(await failureOf(wrapper.unwrap({ keyName, wrapped }, call))).toMatchObject({ fault: 'refused' })
})

test('unwrap with a disabled version is refused, and says so', async () => {
  await using vault = await openVault()
  const wrapped = await wrapper.wrap(vault.addVersion('ring'), dataKey, call)
  vault.disable(wrapped.keyName)
  expect(await failureOf(wrapper.unwrap(wrapped, call))).toMatchObject({
    fault: 'refused',
    message: expect.stringContaining('403 Forbidden KeyDisabled'),
  })
})

test('unwrap of anything but 32 bytes is refused', async () => {
  await using vault = await openVault()
  const wrapped = await wrapper.wrap(vault.addVersion('ring'), dataKey.subarray(1), call)
  const error = await failureOf(wrapper.unwrap(wrapped, call))
  expect(error).toMatchObject({ fault: 'refused', message: expect.stringContaining('31 bytes') })
})

test.each([
  ['a key', (name: string) => name.replace('/ring', '/other')],
  ['a version', (name: string) => `${name.slice(0, -32)}${'0'.repeat(32)}`],
])('unwrap with %s that is not there is not found', async (_, changed) => {
  await using vault = await openVault()
  const { keyName, wrapped } = await wrapper.wrap(vault.addVersion('ring'), dataKey, call)
  const error = await failureOf(wrapper.unwrap({ keyName: changed(keyName), wrapped }, call))
  expect(error).toMatchObject({ fault: 'not_found', message: expect.stringContaining('404 KeyNotFound') })
})

test.each([
  { status: 401, code: 'Unauthorized', inner: undefined, fault: 'denied' },
  { status: 403, code: 'Forbidden', inner: 'ForbiddenByRbac', fault: 'denied' },
  { status: 403, code: 'Forbidden', inner: 'ForbiddenByFirewall', fault: 'denied' },
  { status: 403, code: 'Forbidden', inner: 'KeyExpired', fault: 'refused' },
  { status: 409, code: 'Conflict', inner: undefined, fault: 'refused' },
  { status: 429, code: 'Throttled', inner: undefined, fault: 'throttled' },
  { status: 500, code: 'InternalServerError', inner: undefined, fault: 'unreachable' },
  { status: 503, code: 'ServiceUnavailable', inner: undefined, fault: 'unreachable' },
])('wrap fails as $fault when the vault answers $status $code $inner, asking once', async (answer) => {
  await using vault = await openVault()
  const keyUrl = vault.addVersion('ring')
  vault.respond = (response) => answerError(response, answer.status, answer.code, answer.inner)
  const error = await failureOf(wrapper.wrap(keyUrl, dataKey, call))
  expect(error.fault).toBe(answer.fault)
  const found = [answer.status, answer.code, answer.inner].filter(Boolean).join(' ')
  expect(error.message).toContain(
    `Azure Key Vault could not wrap the data key with ${keyUrl}: it answered ${found}. `,
  )
  expect(error.message).not.toContain('\n')
  expect(vault.heard).toHaveLength(1)
})

test('an answer of no bytes is refused, to wrap and to unwrap', async () => {
  await using vault = await openVault()
  const wrapped = await wrapper.wrap(vault.addVersion('ring'), dataKey, call)
  vault.respond = (response) => answerJson(response, 200, { kid: wrapped.keyName, value: '' })
  expect((await failureOf(wrapper.wrap(wrapped.keyName, dataKey, call))).fault).toBe('refused')
  expect((await failureOf(wrapper.unwrap(wrapped, call))).fault).toBe('refused')
})

test.each([200, 403, 500])('no error shows what an answer with status %d repeats', async (status) => {
  await using vault = await openVault()
  const keyUrl = vault.addVersion('ring')
  vault.respond = (response, { authorization, body }) => {
    const error = { code: authorization, message: body, innererror: { code: body } }
    answerJson(response, status, { error, authorization, dataKey: body })
  }
  const error = await failureOf(wrapper.wrap(keyUrl, dataKey, call))
  const secrets = [dataKey, identity.token]
  expect(secretsShownBy(new Error('as heard', { cause: vault.heard }), secrets)).toEqual(secrets)
  expect(secretsShownBy(error, secrets)).toEqual([])
})

test('wrap with a key that the vault gives no version of is refused', async () => {
  await using vault = await openVault()
  const keyUrl = vault.keyUrl('ring')
  vault.respond = (response) => answerJson(response, 200, { key: { kid: keyUrl }, attributes: {} })
  expect((await failureOf(wrapper.wrap(keyUrl, dataKey, call))).fault).toBe('refused')
})
