import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { stubAzureEnvironment } from './azure-environment.ts'
import { startIdentityEndpoint } from './identity-endpoint.ts'
import { startKeyVault } from './key-vault.ts'
import { failureOf, secretsShownBy } from './shown.ts'
import { startTokenService } from './token-service.ts'
import { type Certificate, createTrustedCertificate } from './trusted-certificate.ts'

const dataKey = randomBytes(32)
const call = { ringId: 'ring-1', signal: new AbortController().signal }
const wrapper = createKeyWrapper({})

let certificate: Certificate
let identity: Awaited<ReturnType<typeof startIdentityEndpoint>>
let vault: Awaited<ReturnType<typeof startKeyVault>>
let keyUrl: string

beforeAll(async () => {
  certificate = await createTrustedCertificate()
  identity = await startIdentityEndpoint()
})

beforeEach(async () => {
  vault = await startKeyVault(certificate, 'no token is this one')
  keyUrl = vault.addVersion('ring')
})

afterEach(async () => {
  vi.unstubAllEnvs()
  identity.respond = undefined
  await vault[Symbol.asyncDispose]()
})

afterAll(() => identity[Symbol.asyncDispose]())

test.each([
  { AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' },
  { AZURE_TOKEN_CREDENTIALS: 'WorkloadIdentityCredential' },
  { AZURE_TOKEN_CREDENTIALS: 'no-such-credential' },
])('wrap without credentials is misconfigured: $AZURE_TOKEN_CREDENTIALS', async (environment) => {
  stubAzureEnvironment(environment)
  expect(await failureOf(wrapper.wrap(keyUrl, dataKey, call))).toMatchObject({
    fault: 'misconfigured',
    message: expect.stringContaining('Set up one way for DefaultAzureCredential to sign in'),
  })
})

test('wrap with a malformed key name is misconfigured', async () => {
  const error = await failureOf(wrapper.wrap('holdfast', dataKey, call))
  expect(error).toMatchObject({ fault: 'misconfigured' })
})

test('wrap with a managed identity that the machine does not have is misconfigured', async () => {
  stubAzureEnvironment({ ...identity.environment, IDENTITY_HEADER: 'of another app' })
  expect((await failureOf(wrapper.wrap(keyUrl, dataKey, call))).fault).toBe('misconfigured')
})

test('wrap while the source of tokens is down is unreachable', async () => {
  stubAzureEnvironment(identity.environment)
  identity.respond = (response) => response.destroy()
  expect(await failureOf(wrapper.wrap(keyUrl, dataKey, call))).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('the source of tokens could not be reached'),
  })
})

test('wrap while the source of tokens never answers is unreachable once the signal aborts', async () => {
  stubAzureEnvironment(identity.environment)
  const controller = new AbortController()
  identity.respond = () => controller.abort()
  const wrapping = wrapper.wrap(keyUrl, dataKey, { ...call, signal: controller.signal })
  expect(await failureOf(wrapping)).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('the call was ended before an answer came'),
  })
})

test('wrap with a client secret that Entra ID refuses is denied, and does not show the secret', async () => {
  await using service = await startTokenService(certificate)
  const secret = randomBytes(20).toString('hex')
  stubAzureEnvironment({ ...service.environment, AZURE_CLIENT_SECRET: secret })
  const error = await failureOf(wrapper.wrap(keyUrl, dataKey, call))
  expect(error).toMatchObject({ fault: 'denied', message: expect.stringContaining('(AADSTS7000215)') })
  expect(service.heard[0]).toContain(secret)
  expect(secretsShownBy(error, [secret, dataKey])).toEqual([])
})

test('wrap while Entra ID is down is unreachable', async () => {
  const service = await startTokenService(certificate)
  stubAzureEnvironment({ ...service.environment, AZURE_CLIENT_SECRET: 'any' })
  await service[Symbol.asyncDispose]()
  expect((await failureOf(wrapper.wrap(keyUrl, dataKey, call))).fault).toBe('unreachable')
})
