import { randomBytes } from 'node:crypto'
import type { KeyWrapper, WrappedDataKey } from '@holdfast/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { callFor, dataKey, failureOf, token } from './transit-caller.ts'
import { startTransitServer, type TransitKey, type TransitServer } from './transit-server.ts'

let server: TransitServer
let key: TransitKey
let wrapper: KeyWrapper

beforeEach(async () => {
  server = await startTransitServer(token)
  key = server.createKey('holdfast')
  wrapper = createKeyWrapper({ VAULT_ADDR: server.url, VAULT_TOKEN: token })
})

afterEach(() => server.stop())

function wrap(keyName = 'transit/holdfast') {
  return wrapper.wrap(keyName, dataKey, callFor('ring-1'))
}

function unwrap(wrapped: WrappedDataKey, ringId = 'ring-1') {
  return wrapper.unwrap(wrapped, callFor(ringId))
}

describe('a data key', () => {
  test.each([
    ['holdfast', 'transit/holdfast'],
    ['transit/holdfast', 'transit/holdfast'],
    ['team/transit/holdfast', 'team/transit/holdfast'],
  ])('is wrapped with %s, which is %s, and unwrapped again', async (name, keyName) => {
    const wrapped = await wrap(name)
    expect(wrapped.keyName).toBe(keyName)
    expect(Buffer.from(wrapped.wrapped).toString()).toMatch(/^vault:v1:[A-Za-z0-9+/]{80}$/)
    expect(await unwrap(wrapped)).toEqual(dataKey)
  })

  test('unwraps after the key was rotated', async () => {
    const wrapped = await wrap()
    key.versions.push(randomBytes(32))
    const newer = await wrap()
    expect(Buffer.from(newer.wrapped).toString()).toMatch(/^vault:v2:/)
    expect(await Promise.all([unwrap(wrapped), unwrap(newer)])).toEqual([dataKey, dataKey])
  })
})

describe('unwrap is refused', () => {
  test('for another ring', async () => {
    const failure = await failureOf(unwrap(await wrap(), 'ring-2'))
    expect(failure.fault).toBe('refused')
    expect(failure.message).toBe(
      'Vault transit could not unwrap the data key with transit/holdfast: status 400; it is another key, ' +
        'or another ring, than the data key was wrapped for, or the wrapped key is damaged',
    )
  })

  test('for another ring, also where Vault says so with status 500', async () => {
    const wrapped = await wrap()
    const errors = ['1 error occurred:\n\t* cipher: message authentication failed\n\n']
    server.overrides.push((response) => response.writeHead(500).end(JSON.stringify({ errors })))
    expect(await failureOf(unwrap(wrapped, 'ring-2'))).toMatchObject({ fault: 'refused' })
  })

  test('with another key', async () => {
    const { wrapped } = await wrap()
    server.createKey('other')
    const failure = await failureOf(unwrap({ keyName: 'transit/other', wrapped }))
    expect(failure).toMatchObject({ fault: 'refused', message: expect.stringContaining('another key') })
  })

  test.each([
    ['below min_decryption_version', () => Object.assign(key, { minDecryptionVersion: 2 })],
    ['trimmed', () => key.versions.fill(undefined, 0, 1)],
  ])('with a remedy that names the key version, when it is %s', async (_, retire) => {
    const wrapped = await wrap()
    key.versions.push(randomBytes(32))
    retire()
    expect(await failureOf(unwrap(wrapped))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining(
        'key version 1 is below min_decryption_version of transit/holdfast or was trimmed: lower ' +
          'min_decryption_version, or restore a backup of the key',
      ),
    })
  })

  test('with a remedy that names the key version, when Vault has none as new', async () => {
    key.versions.push(randomBytes(32))
    const wrapped = await wrap()
    key.versions.pop()
    expect(await failureOf(unwrap(wrapped))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining('transit/holdfast has no key version 2 yet'),
    })
  })

  test.each([
    ['of another service', Buffer.from([1, 2, 3, 0xff])],
    ['of no bytes', Buffer.alloc(0)],
    ['that is damaged', Buffer.from(`vault:v1:${'A'.repeat(80)}`)],
  ])('for a wrapped key %s', async (_, wrapped) => {
    expect(await failureOf(unwrap({ keyName: 'transit/holdfast', wrapped }))).toMatchObject({
      fault: 'refused',
    })
  })

  test.each([0, 16, 31, 33])('when %d bytes come back', async (length) => {
    const wrapped = await wrap()
    const plaintext = Buffer.concat([dataKey, dataKey]).toString('base64', 0, length)
    server.overrides.push((response) => response.end(JSON.stringify({ data: { plaintext } })))
    expect(await failureOf(unwrap(wrapped))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining(`it answered ${length} bytes instead of 32`),
    })
  })

  test.each(['{}', '{"data":null}', '{"data":{"plaintext":7}}', '{"data":[]}'])(
    'when the answer is %s',
    async (answer) => {
      const wrapped = await wrap()
      server.overrides.push((response) => response.end(answer))
      expect(await failureOf(unwrap(wrapped))).toMatchObject({ fault: 'refused' })
    },
  )
})

describe('wrap is refused', () => {
  test.each(['{"data":{}}', '{"data":{"ciphertext":"ok"}}'])('when the answer is %s', async (answer) => {
    server.overrides.push((response) => response.end(answer))
    expect(await failureOf(wrap())).toMatchObject({ fault: 'refused' })
  })

  test('by a key that cannot bind a ring', async () => {
    server.createKey('pair', 'rsa-2048')
    expect(await failureOf(wrap('transit/pair'))).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining('use a key of type aes256-gcm96'),
    })
  })

  test('by a Vault that does not know associated data', async () => {
    const warnings = ['Endpoint ignored these unrecognized parameters: [associated_data]']
    const data = { ciphertext: `vault:v1:${'A'.repeat(80)}` }
    server.overrides.push((response) => response.end(JSON.stringify({ data, warnings })))
    expect(await failureOf(wrap())).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining('Vault 1.13 or later'),
    })
  })

  test('by a key that was soft-deleted', async () => {
    server.overrides.push((response) => response.writeHead(400).end('{"errors":["key is soft deleted"]}'))
    expect(await failureOf(wrap())).toMatchObject({
      fault: 'refused',
      message: expect.stringContaining('restore the key'),
    })
  })
})

test.each([
  ['a key that does not exist', 'transit/nobody', 'check the key name and the mount, or make the key'],
  ['a mount that does not exist', 'nowhere/holdfast', 'transit is mounted there'],
])('wrap with %s is not_found', async (_, keyName, remedy) => {
  expect(await failureOf(wrap(keyName))).toMatchObject({
    fault: 'not_found',
    message: expect.stringContaining(remedy),
  })
})

test.each([
  '',
  '/',
  'transit/',
  '/holdfast',
  'transit//holdfast',
  'transit/../sys/seal',
  'transit/.',
  'transit/a?b',
  'transit/a#b',
  'transit/a b',
  'transit/a\nb',
  'transit/%2e%2e',
])('the key name %j is misconfigured, for wrap and unwrap, and nothing is sent', async (keyName) => {
  let requests = 0
  server.overrides.push(() => requests++)
  const failures = [
    failureOf(wrap(keyName)),
    failureOf(unwrap({ keyName, wrapped: Buffer.from('vault:v1:') })),
  ]
  for (const failure of await Promise.all(failures)) expect(failure.fault).toBe('misconfigured')
  expect(requests).toBe(0)
})
