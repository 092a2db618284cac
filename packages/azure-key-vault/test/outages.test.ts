import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { stubAzureEnvironment } from './azure-environment.ts'
import { startIdentityEndpoint } from './identity-endpoint.ts'
import { startKeyVault } from './key-vault.ts'
import { failureOf, secretsShownBy } from './shown.ts'
import { type Certificate, createCertificate, createTrustedCertificate } from './trusted-certificate.ts'

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

test('a vault that is down is unreachable', async () => {
  const vault = await startKeyVault(certificate, identity.token)
  const keyUrl = vault.addVersion('ring')
  await vault[Symbol.asyncDispose]()
  expect(await failureOf(wrapper.wrap(keyUrl, dataKey, call))).toMatchObject({
    fault: 'unreachable',
    isTemporary: true,
    message: expect.stringContaining('no answer came (ECONNREFUSED)'),
  })
})

test('a vault whose certificate nobody vouches for is unreachable, and says so', async () => {
  await using vault = await startKeyVault(await createCertificate(), identity.token)
  expect(await failureOf(wrapper.wrap(vault.addVersion('ring'), dataKey, call))).toMatchObject({
    fault: 'unreachable',
    message: expect.stringMatching(/no answer came \([A-Z_]*(?:SELF_SIGNED|LEAF)[A-Z_]*\)/),
  })
  expect(vault.heard).toEqual([])
})

test('a vault that never answers is unreachable once the signal aborts', async () => {
  await using vault = await startKeyVault(certificate, identity.token)
  const controller = new AbortController()
  vault.respond = () => controller.abort(new Error('of some other kind'))
  const wrapping = wrapper.wrap(vault.addVersion('ring'), dataKey, { ...call, signal: controller.signal })
  expect(await failureOf(wrapping)).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('the call was ended before an answer came'),
  })
})

test('a call whose signal aborted before it is unreachable and asks nobody', async () => {
  await using vault = await startKeyVault(certificate, identity.token)
  const wrapping = wrapper.wrap(vault.addVersion('ring'), dataKey, { ...call, signal: AbortSignal.abort() })
  expect((await failureOf(wrapping)).fault).toBe('unreachable')
  expect(vault.heard).toEqual([])
})

test.each<[string, (response: ServerResponse, wrapped: string) => void]>([
  ['cuts the connection', (response) => response.destroy()],
  [
    'cuts the connection half way through its answer',
    (response, body) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 900 })
      response.write(body.slice(0, -10), () => response.destroy())
    },
  ],
  [
    'answers with half of the JSON',
    (response, body) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(body.slice(0, -10)),
  ],
  [
    'is a captive portal that answers 200 with a page',
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hotel Wi-Fi</h1>'),
  ],
  [
    'is a proxy that answers 502 with a page',
    (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
  ],
  ['answers 503 with nothing', (response) => response.writeHead(503).end()],
  ['answers 200 with nothing', (response) => response.writeHead(200).end()],
  ['answers 200 with no key', (response) => response.writeHead(200).end('{}')],
])('a vault that %s is unreachable, and no key is shown', async (_, respond) => {
  await using vault = await startKeyVault(certificate, identity.token)
  const wrapped = await wrapper.wrap(vault.addVersion('ring'), dataKey, call)
  const answer = JSON.stringify({ kid: wrapped.keyName, value: dataKey.toString('base64url'), padding: '' })
  vault.respond = (response) => respond(response, answer)
  const error = await failureOf(wrapper.unwrap(wrapped, call))
  expect(error.fault).toBe('unreachable')
  expect(secretsShownBy(error, [dataKey, identity.token])).toEqual([])
})
