import { expect, test } from 'vitest'
import { parseKeyUrl } from '../src/key-url.ts'
import { secretsShownBy } from './shown.ts'

const version = '0123456789abcdef0123456789abcdef'

test.each([
  {
    text: `https://ring.vault.azure.net/keys/holdfast/${version}`,
    expected: { vaultUrl: 'https://ring.vault.azure.net', name: 'holdfast', version, isLoopback: false },
  },
  {
    text: 'https://ring.managedhsm.azure.net/keys/Hold-fast-1',
    expected: { vaultUrl: 'https://ring.managedhsm.azure.net', name: 'Hold-fast-1', isLoopback: false },
  },
  {
    text: `https://127.0.0.1:8443/keys/holdfast/${version}`,
    expected: { vaultUrl: 'https://127.0.0.1:8443', name: 'holdfast', version, isLoopback: true },
  },
  {
    text: 'https://127.0.0.1.vault.example/keys/holdfast',
    expected: { vaultUrl: 'https://127.0.0.1.vault.example', name: 'holdfast', isLoopback: false },
  },
])('parseKeyUrl reads $text', ({ text, expected }) => {
  expect(parseKeyUrl(text)).toEqual(expected)
})

test.each([
  ['nothing', ''],
  ['a bare name', 'holdfast'],
  ['plain http', 'http://ring.vault.azure.net/keys/holdfast'],
  ['plain http on loopback', 'http://127.0.0.1/keys/holdfast'],
  ['a secret', 'https://ring.vault.azure.net/secrets/holdfast'],
  ['no name', 'https://ring.vault.azure.net/keys/'],
  ['an empty version', 'https://ring.vault.azure.net/keys/holdfast/'],
  ['a short version', 'https://ring.vault.azure.net/keys/holdfast/0123'],
  ['more path', `https://ring.vault.azure.net/keys/holdfast/${version}/wrapkey`],
  ['a step up', 'https://ring.vault.azure.net/keys/../secrets/holdfast'],
  ['a name of its own characters', 'https://ring.vault.azure.net/keys/hold%2ffast'],
  ['a query', 'https://ring.vault.azure.net/keys/holdfast?api-version=7.4'],
  ['a fragment', 'https://ring.vault.azure.net/keys/holdfast#top'],
  ['a password', 'https://user:hunter2hunter2@ring.vault.azure.net/keys/holdfast'],
])('parseKeyUrl calls a key name with %s misconfigured', (_, text) => {
  expect(() => parseKeyUrl(text)).toThrow(
    expect.objectContaining({
      fault: 'misconfigured',
      message: expect.stringContaining('Expected https://'),
    }),
  )
})

test('parseKeyUrl does not repeat a key name that holds a password', () => {
  try {
    parseKeyUrl('https://user:hunter2hunter2@ring.vault.azure.net/keys/holdfast')
    expect.unreachable()
  } catch (error) {
    expect(secretsShownBy(error as Error, ['hunter2hunter2'])).toEqual([])
  }
})
