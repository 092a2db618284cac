import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import type { KeyWrapper, WrappedDataKey } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { callFor, dataKey, environmentFor, failureOf, isolateSdk, signingKeys } from './kms-caller.ts'
import { type KmsServer, startKmsServer } from './kms-server.ts'

let server: KmsServer
let wrapper: KeyWrapper
let wrapped: WrappedDataKey

beforeEach(async () => {
  isolateSdk()
  server = await startKmsServer(signingKeys)
  wrapper = createKeyWrapper(environmentFor(server.url))
  wrapped = await wrapper.wrap(server.createKey(), dataKey, callFor('ring-1'))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await server.stop()
})

function unwrapBy(environment: Record<string, string | undefined>) {
  return createKeyWrapper(environment).unwrap(wrapped, callFor('ring-1'))
}

const page = '<html><body>Welcome to the hotel network</body></html>'
const half = `{"Plaintext":"${dataKey.toString('base64')}",`

test.each<{ what: string; fault: string; says: string; answer: (response: ServerResponse) => void }>([
  {
    what: 'is throttled',
    fault: 'throttled',
    says: 'ThrottlingException, status 400',
    answer: (response) => response.writeHead(400).end('{"__type":"ThrottlingException"}'),
  },
  {
    what: 'is over a limit',
    fault: 'throttled',
    says: 'LimitExceededException, status 400',
    answer: (response) => response.writeHead(400).end('{"__type":"LimitExceededException"}'),
  },
  {
    what: 'is answered 429 by a proxy',
    fault: 'throttled',
    says: 'status 429',
    answer: (response) => response.writeHead(429).end(page),
  },
  {
    what: 'meets a failure of KMS',
    fault: 'unreachable',
    says: 'KMSInternalException, status 500',
    answer: (response) => response.writeHead(500).end('{"__type":"KMSInternalException"}'),
  },
  {
    what: 'meets a key that KMS cannot reach',
    fault: 'unreachable',
    says: 'KeyUnavailableException, status 400',
    answer: (response) => response.writeHead(400).end('{"__type":"KeyUnavailableException"}'),
  },
  {
    what: 'is answered a page with status 200',
    fault: 'unreachable',
    says: 'an answer that is not of KMS, status 200',
    answer: (response) => response.end(page),
  },
  {
    what: 'is answered a page with status 403',
    fault: 'denied',
    says: 'status 403',
    answer: (response) => response.writeHead(403).end(page),
  },
  {
    what: 'is answered a page with status 404',
    fault: 'not_found',
    says: 'status 404',
    answer: (response) => response.writeHead(404).end(page),
  },
  {
    what: 'is answered a page with status 502',
    fault: 'unreachable',
    says: 'status 502',
    answer: (response) => response.writeHead(502).end(page),
  },
  {
    what: 'is answered half of the data key',
    fault: 'unreachable',
    says: 'status 200',
    answer: (response) => response.end(half),
  },
  {
    what: 'is cut off before the answer',
    fault: 'unreachable',
    says: 'ECONNRESET',
    answer: (response) => response.destroy(),
  },
  {
    what: 'is cut off in the middle of the answer',
    fault: 'unreachable',
    says: 'ECONNRESET',
    answer(response) {
      response.writeHead(200, { 'content-length': 500 })
      response.write(half, () => response.destroy())
    },
  },
])('an unwrap that $what is $fault, after one request', async ({ answer, fault, says }) => {
  let requests = 0
  for (let request = 0; request < 3; request++) {
    server.overrides.push((response) => {
      requests++
      answer(response)
    })
  }
  const failure = await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))
  expect(failure).toMatchObject({ fault, message: expect.stringContaining(says) })
  expect(failure.message).not.toContain('hotel')
  expect(requests).toBe(1)
})

describe('a call that its signal ends is unreachable', () => {
  test.each<{ when: string; answer: (response: ServerResponse) => void }>([
    { when: 'before any answer', answer: () => {} },
    {
      when: 'in the middle of the answer',
      answer: (response) => response.writeHead(200, { 'content-length': 500 }).write(half),
    },
  ])('$when', async ({ answer }) => {
    server.overrides.push(answer)
    const controller = new AbortController()
    const failure = failureOf(wrapper.unwrap(wrapped, callFor('ring-1', controller.signal)))
    await server.requestArrives()
    controller.abort(new Error('the start took too long'))
    expect(await failure).toMatchObject({
      fault: 'unreachable',
      message: expect.stringContaining('no answer in time'),
    })
  })

  test('before it begins', async () => {
    expect(await failureOf(wrapper.unwrap(wrapped, callFor('ring-1', AbortSignal.abort())))).toMatchObject({
      fault: 'unreachable',
    })
  })

  test('while the SDK still looks for credentials', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `http://127.0.0.1:${port}/credentials`)
    const controller = new AbortController()
    const environment = { AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL_KMS: server.url }
    const failure = failureOf(
      createKeyWrapper(environment).unwrap(wrapped, callFor('ring-1', controller.signal)),
    )
    const [socket] = await once(silent, 'connection')
    controller.abort()
    expect(await failure).toMatchObject({ fault: 'unreachable' })
    silent.close()
    socket.destroy()
  })
})

test('a call to a port where nobody listens is unreachable', async () => {
  await server.stop()
  const failure = await failureOf(unwrapBy(environmentFor(server.url)))
  expect(failure).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED'),
    isTemporary: true,
  })
  server = await startKmsServer(signingKeys)
})

test('a call to a server that does not speak TLS is unreachable', async () => {
  const failure = await failureOf(unwrapBy(environmentFor(server.url.replace('http:', 'https:'))))
  expect(failure.fault).toBe('unreachable')
})

describe('a call is misconfigured', () => {
  test.each([
    { when: 'there is no region', change: { AWS_REGION: undefined }, says: 'set AWS_REGION' },
    { when: 'the region is none', change: { AWS_REGION: 'eu central' }, says: 'set AWS_REGION' },
    { when: 'there are no credentials', change: { AWS_ACCESS_KEY_ID: '' }, says: 'CredentialsProviderError' },
    {
      when: 'the profile does not exist',
      change: { AWS_PROFILE: 'nobody' },
      says: 'CredentialsProviderError',
    },
    { when: 'the endpoint is no URL', change: { AWS_ENDPOINT_URL_KMS: 'kms' }, says: 'AWS_ENDPOINT_URL_KMS' },
    {
      when: 'the endpoint has a password',
      change: {
        AWS_ENDPOINT_URL_KMS: `https://me:${signingKeys.secretAccessKey.replaceAll('/', '')}@kms.test`,
      },
      says: 'without a password',
    },
    {
      when: 'the endpoint is plain http to another machine',
      change: { AWS_ENDPOINT_URL_KMS: undefined, AWS_ENDPOINT_URL: 'http://kms.test' },
      says: 'AWS_ENDPOINT_URL is plain http to kms.test',
    },
  ])('when $when', async ({ change, says }) => {
    const failure = await failureOf(unwrapBy({ ...environmentFor(server.url), ...change }))
    expect(failure).toMatchObject({ fault: 'misconfigured', message: expect.stringContaining(says) })
  })
})
