import { randomBytes } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { startCloudKms } from './cloud-kms.ts'
import { createServiceAccount, stubGoogleEnvironment } from './google-environment.ts'
import { failureOf, secretsShownBy } from './shown.ts'
import { createCertificate, createTrustedCertificate } from './trusted-certificate.ts'

const dataKey = randomBytes(32)
const call = { ringId: 'ring-1', signal: new AbortController().signal }
const account = createServiceAccount()

let environment: Awaited<ReturnType<typeof stubGoogleEnvironment>>

beforeAll(async () => {
  environment = await stubGoogleEnvironment(account.keyFile)
})

afterAll(() => environment[Symbol.asyncDispose]())

test('unwrap gives the data key over TLS', async () => {
  await using kms = await startCloudKms(account, await createTrustedCertificate())
  const wrapper = createKeyWrapper(kms.environment)
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  expect(Buffer.from(await wrapper.unwrap(wrapped, call))).toEqual(dataKey)
})

test('KMS whose certificate nobody vouches for is unreachable, and says so', async () => {
  await using kms = await startCloudKms(account, await createCertificate())
  const wrapping = createKeyWrapper(kms.environment).wrap(kms.addVersion('ring'), dataKey, call)
  expect(await failureOf(wrapping)).toMatchObject({
    fault: 'unreachable',
    message: expect.stringMatching(/\([A-Z_]*(?:SELF_SIGNED|LEAF)[A-Z_]*\)/),
  })
  expect(kms.heard).toEqual([])
})

test('KMS that is down is unreachable', async () => {
  const kms = await startCloudKms(account)
  await kms[Symbol.asyncDispose]()
  const wrapping = createKeyWrapper(kms.environment).wrap(kms.addVersion('ring'), dataKey, call)
  expect(await failureOf(wrapping)).toMatchObject({
    fault: 'unreachable',
    isTemporary: true,
    message: expect.stringContaining('(ECONNREFUSED)'),
  })
})

test('KMS that never answers is unreachable once the signal aborts, and the request ends', async () => {
  await using kms = await startCloudKms(account)
  const controller = new AbortController()
  const { promise: requestEnded, resolve } = Promise.withResolvers<void>()
  kms.respond = (response) => {
    response.on('close', resolve)
    controller.abort(new Error('of some other kind'))
  }
  const wrapper = createKeyWrapper(kms.environment)
  const wrapping = wrapper.wrap(kms.addVersion('ring'), dataKey, { ...call, signal: controller.signal })
  expect(await failureOf(wrapping)).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('the call was ended before an answer came'),
  })
  await requestEnded
})

test('a call whose signal aborted before it is unreachable and asks nobody', async () => {
  await using kms = await startCloudKms(account)
  const wrapper = createKeyWrapper(kms.environment)
  const wrapping = wrapper.wrap(kms.addVersion('ring'), dataKey, { ...call, signal: AbortSignal.abort() })
  expect((await failureOf(wrapping)).fault).toBe('unreachable')
  expect(kms.heard).toEqual([])
})

test.each<[string, (response: ServerResponse, answer: string) => void]>([
  ['cuts the connection', (response) => response.destroy()],
  [
    'cuts the connection half way through its answer',
    (response, answer) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 900 })
      response.write(answer.slice(0, -10), () => response.destroy())
    },
  ],
  [
    'answers with half of the JSON',
    (response, answer) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(answer.slice(0, -10)),
  ],
  [
    'answers with a field of another type',
    (response, answer) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"plaintext":[${answer}]}`),
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
])('KMS that %s is unreachable, and no key is shown', async (_, respond) => {
  await using kms = await startCloudKms(account)
  const wrapper = createKeyWrapper(kms.environment)
  const wrapped = await wrapper.wrap(kms.addVersion('ring'), dataKey, call)
  const answer = JSON.stringify({ plaintext: dataKey.toString('base64'), usedPrimary: true })
  kms.respond = (response) => respond(response, answer)
  const error = await failureOf(wrapper.unwrap(wrapped, call))
  expect(error.fault).toBe('unreachable')
  expect(secretsShownBy(error, [dataKey, kms.heard[0]?.authorization.split('.')[2] ?? ''])).toEqual([])
})
