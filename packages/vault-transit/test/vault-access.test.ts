import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createKeyWrapper } from '../src/index.ts'
import { callFor, dataKey, failureOf, token } from './transit-caller.ts'
import { startTransitServer, type TransitServer } from './transit-server.ts'

let server: TransitServer
let folder: string
let tokenFile: string

beforeEach(async () => {
  server = await startTransitServer(token)
  server.createKey('holdfast')
  folder = await mkdtemp(join(tmpdir(), 'holdfast-vault-'))
  tokenFile = join(folder, 'token')
})

afterEach(async () => {
  await server.stop()
  await rm(folder, { recursive: true })
})

function wrapBy(environment: Record<string, string | undefined>) {
  return createKeyWrapper(environment).wrap('holdfast', dataKey, callFor('ring-1'))
}

test('the token file is read at each call, as Vault Agent renews it', async () => {
  const wrapper = createKeyWrapper({ VAULT_ADDR: server.url, VAULT_TOKEN_FILE: tokenFile })
  await writeFile(tokenFile, token)
  const wrapped = await wrapper.wrap('holdfast', dataKey, callFor('ring-1'))
  server.policy.token = 'hvs.renewed'
  expect((await failureOf(wrapper.unwrap(wrapped, callFor('ring-1')))).fault).toBe('denied')
  await writeFile(tokenFile, '\nhvs.renewed \n')
  expect(await wrapper.unwrap(wrapped, callFor('ring-1'))).toEqual(dataKey)
})

test.each([
  { what: 'a namespace', VAULT_NAMESPACE: 'team/mail', path: '' },
  { what: 'a slash at the end of the address', VAULT_NAMESPACE: undefined, path: '/' },
])('a call gets through with $what', async ({ VAULT_NAMESPACE, path }) => {
  server.policy.namespace = VAULT_NAMESPACE
  const environment = { VAULT_ADDR: server.url + path, VAULT_TOKEN: token, VAULT_NAMESPACE }
  expect(await wrapBy(environment)).toMatchObject({ keyName: 'transit/holdfast' })
})

test('a call with a namespace that the token is not of is denied', async () => {
  const environment = { VAULT_ADDR: server.url, VAULT_TOKEN: token, VAULT_NAMESPACE: 'other' }
  expect((await failureOf(wrapBy(environment))).fault).toBe('denied')
})

describe('a call is misconfigured', () => {
  test.each([
    { when: 'VAULT_ADDR is missing', VAULT_ADDR: undefined, says: 'VAULT_ADDR is not set' },
    { when: 'VAULT_ADDR is empty', VAULT_ADDR: '', says: 'VAULT_ADDR is not set' },
    { when: 'VAULT_ADDR is no URL', VAULT_ADDR: 'vault:8200', says: 'VAULT_ADDR is not an https URL' },
    {
      when: 'VAULT_ADDR is a socket',
      VAULT_ADDR: 'unix:///run/vault',
      says: 'VAULT_ADDR is not an https URL',
    },
    {
      when: 'VAULT_ADDR has a password',
      VAULT_ADDR: `https://me:${token}@vault`,
      says: 'without a password',
    },
    { when: 'VAULT_ADDR has a query', VAULT_ADDR: `https://vault/?t=${token}`, says: 'and a query' },
    {
      when: 'VAULT_ADDR is plain http to another machine',
      VAULT_ADDR: 'http://vault.internal:8200',
      says: 'plain http to vault.internal',
    },
    {
      when: 'VAULT_ADDR only looks like this machine',
      VAULT_ADDR: 'http://127.0.0.1.example.com',
      says: 'plain http to 127.0.0.1.example.com',
    },
  ])('when $when', async ({ VAULT_ADDR, says }) => {
    expect(await failureOf(wrapBy({ VAULT_ADDR, VAULT_TOKEN: token }))).toMatchObject({
      fault: 'misconfigured',
      message: expect.stringContaining(says),
    })
  })

  test.each([
    { when: 'there is no token', says: 'neither VAULT_TOKEN nor VAULT_TOKEN_FILE is set' },
    { when: 'the token is white space', VAULT_TOKEN: ' \n', says: 'VAULT_TOKEN holds no token of one line' },
    {
      when: 'the token has two lines',
      VAULT_TOKEN: `${token}\n${token}`,
      says: 'VAULT_TOKEN holds no token of one line',
    },
    {
      when: 'the namespace has two lines',
      VAULT_TOKEN: token,
      VAULT_NAMESPACE: 'a\nb',
      says: 'VAULT_NAMESPACE has white space',
    },
    { when: 'there is no token file', VAULT_TOKEN_FILE: '/nonexistent/token', says: '(ENOENT)' },
    { when: 'the token file is a folder', VAULT_TOKEN_FILE: tmpdir(), says: '(EISDIR)' },
  ])('when $when', async ({ when: _, says, ...environment }) => {
    expect(await failureOf(wrapBy({ VAULT_ADDR: server.url, ...environment }))).toMatchObject({
      fault: 'misconfigured',
      message: expect.stringContaining(says),
    })
  })

  test('when the token file is empty', async () => {
    await writeFile(tokenFile, '')
    expect(await failureOf(wrapBy({ VAULT_ADDR: server.url, VAULT_TOKEN_FILE: tokenFile }))).toMatchObject({
      fault: 'misconfigured',
      message: expect.stringContaining('the file of VAULT_TOKEN_FILE holds no token of one line'),
    })
  })
})
