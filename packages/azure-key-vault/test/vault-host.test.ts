import { randomBytes } from 'node:crypto'
import dns from 'node:dns'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { stubAzureEnvironment } from './azure-environment.ts'
import { startIdentityEndpoint } from './identity-endpoint.ts'
import { startKeyVault } from './key-vault.ts'
import { failureOf } from './shown.ts'
import { type Certificate, createTrustedCertificate } from './trusted-certificate.ts'

const dataKey = randomBytes(32)
const call = { ringId: 'ring-1', signal: new AbortController().signal }
const wrapper = createKeyWrapper({})

let certificate: Certificate
let identity: Awaited<ReturnType<typeof startIdentityEndpoint>>

beforeAll(async () => {
  certificate = await createTrustedCertificate('ring.vault.azure.net', 'vault.azure.net.example')
  identity = await startIdentityEndpoint()
  stubAzureEnvironment(identity.environment)
  // A private endpoint keeps the name of the vault and changes its address; here every name is this machine.
  vi.spyOn(dns, 'lookup').mockImplementation(answerThisMachine as never)
})

afterAll(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  await identity[Symbol.asyncDispose]()
})

function answerThisMachine(
  _name: string,
  options: dns.LookupOptions,
  done: (...found: unknown[]) => void,
): void {
  if (options.all) done(null, [{ address: '127.0.0.1', family: 4 }])
  else done(null, '127.0.0.1', 4)
}

test('a token for Key Vault goes to a host under the name of Key Vault', async () => {
  await using vault = await startKeyVault(certificate, identity.token)
  const name = vault.addVersion('ring').replace('127.0.0.1', 'ring.vault.azure.net')
  const wrapped = await wrapper.wrap(name, dataKey, call)
  expect(wrapped.keyName).toBe(name)
  expect(Buffer.from(await wrapper.unwrap(wrapped, call))).toEqual(dataKey)
})

test('a token for Key Vault goes to no other host that asks for it', async () => {
  await using stranger = await startKeyVault(certificate, identity.token)
  const name = stranger.addVersion('ring').replace('127.0.0.1', 'vault.azure.net.example')
  const error = await failureOf(wrapper.wrap(name, dataKey, call))
  expect(error).toMatchObject({
    fault: 'misconfigured',
    message: expect.stringContaining('a key name of a Key Vault'),
  })
  expect(stranger.challenges).toBe(1)
  expect(stranger.heard).toEqual([])
})
