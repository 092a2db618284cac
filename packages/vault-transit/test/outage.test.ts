import type { ServerResponse } from 'node:http'
import type { KeyWrapper, WrappedDataKey } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { callFor, dataKey, failureOf, token } from './transit-caller.ts'
import { startTransitServer, type TransitServer } from './transit-server.ts'

let server: TransitServer
let wrapper: KeyWrapper
let wrapped: WrappedDataKey

beforeEach(async () => {
  server = await startTransitServer(token)
  server.createKey('holdfast')
  wrapper = createKeyWrapper({ VAULT_ADDR: server.url, VAULT_TOKEN: token })
  wrapped = await wrapper.wrap('transit/holdfast', dataKey, callFor('ring-1'))
})

afterEach(() => server.stop())

const page = '<html><body>Welcome to the hotel network</body></html>'
const half = `{"data":{"plaintext":"${dataKey.toString('base64')}",`

function errorOf(status: number, ...errors: string[]) {
  return (response: ServerResponse) => response.writeHead(status).end(JSON.stringify({ errors }))
}

test.each<{ what: string; fault: string; says: string; answer: (response: ServerResponse) => void }>([
  {
    what: 'is throttled',
    fault: 'throttled',
    says: 'status 429',
    answer: errorOf(429, 'request path "transit/decrypt/holdfast": rate limit quota exceeded'),
  },
  {
    what: 'is denied',
    fault: 'denied',
    says: 'status 403; check that the token is alive',
    answer: errorOf(403, `1 error occurred:\n\t* permission denied for ${token}\n\n`),
  },
  {
    what: 'arrives without its token',
    fault: 'denied',
    says: 'status 400; check that the token is alive',
    answer: errorOf(400, 'missing client token'),
  },
  {
    what: 'meets a mount of another kind',
    fault: 'not_found',
    says: 'status 405',
    answer: errorOf(405, '1 error occurred:\n\t* unsupported operation\n\n'),
  },
  {
    what: 'fails for a reason that is not known',
    fault: 'refused',
    says: 'status 400',
    answer: errorOf(400, `something about ${dataKey.toString('base64')}`),
  },
  {
    what: 'meets a failure of Vault',
    fault: 'unreachable',
    says: 'status 500',
    answer: errorOf(500, 'node not active but active node not found'),
  },
  {
    what: 'meets a standby that is behind',
    fault: 'unreachable',
    says: 'status 412',
    answer: errorOf(412, 'required index state not present'),
  },
  {
    what: 'is answered a page with status 200',
    fault: 'unreachable',
    says: 'an answer that is not of Vault, status 200',
    answer: (response) => response.end(page),
  },
  {
    what: 'is answered nothing with status 204',
    fault: 'unreachable',
    says: 'status 204',
    answer: (response) => response.writeHead(204).end(),
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
    says: 'UND_ERR_SOCKET',
    answer: (response) => response.destroy(),
  },
  {
    what: 'is cut off in the middle of the answer',
    fault: 'unreachable',
    says: 'UND_ERR_SOCKET',
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

test('a call to a sealed Vault is unreachable, until it is unsealed', async () => {
  server.policy.isSealed = true
  expect(await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('status 503; unseal Vault'),
    isTemporary: true,
  })
  server.policy.isSealed = false
  expect(await wrapper.unwrap(wrapped, callFor('ring-1'))).toEqual(dataKey)
})

test('a redirect is not followed: its target gets neither the token nor the data key', async () => {
  const target = await startTransitServer(token)
  let requests = 0
  target.overrides.push(() => requests++)
  server.overrides.push((response) =>
    response.writeHead(307, { location: `${target.url}/v1/transit/encrypt/holdfast` }).end(),
  )
  expect(await failureOf(wrapper.wrap('transit/holdfast', dataKey, callFor('ring-1')))).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('redirects are not followed'),
  })
  expect(requests).toBe(0)
  await target.stop()
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
})

test('a call to a port where nobody listens is unreachable', async () => {
  await server.stop()
  expect(await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))).toMatchObject({
    fault: 'unreachable',
    message: expect.stringContaining('ECONNREFUSED; check the network and VAULT_ADDR'),
  })
  server = await startTransitServer(token)
})

test('a call to a server that does not speak TLS is unreachable', async () => {
  const VAULT_ADDR = server.url.replace('http:', 'https:')
  const failure = await failureOf(
    createKeyWrapper({ VAULT_ADDR, VAULT_TOKEN: token }).unwrap(wrapped, callFor('ring-1')),
  )
  expect(failure.fault).toBe('unreachable')
})
