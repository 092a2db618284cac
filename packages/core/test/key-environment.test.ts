import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { keyRingFromTexts } from '../src/key-environment.ts'
import { KeyRing } from '../src/key-ring.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import type { KeyRingRecord } from '../src/key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'

const hex = (name: string) => secretOf(name).toString('hex')
const [first, second, third] = ['first', 'second', 'third'].map((name) => keyOf(name))

function ringOfTexts(secretKey: string, fallbacks?: string): KeyRingRecord {
  return keyRingFromTexts({
    signer: { name: 'SECRET_KEY', text: secretKey },
    ...(fallbacks !== undefined && { fallbacks: { name: 'SECRET_KEY_FALLBACKS', text: fallbacks } }),
  })
}

function faultOf(secretKey: string, fallbacks?: string): unknown {
  try {
    return ringOfTexts(secretKey, fallbacks)
  } catch (error) {
    return error
  }
}

test.each([
  ['not set', undefined],
  ['empty', ''],
  ['only commas, spaces and lines', ' , ,\n\r\n'],
])('keyRingFromTexts makes a ring of one signing key when the fallbacks are %s', (_, fallbacks) => {
  expect(ringOfTexts(hex('first'), fallbacks)).toEqual({
    ringId: first?.kid,
    epoch: 0,
    keys: [first],
  })
})

test('keyRingFromTexts keeps the fallbacks in their order, to verify and never to sign', () => {
  const fallbacks = ` ${hex('third')},${secretOf('second').toString('base64')} , `
  const record = ringOfTexts(hex('first'), fallbacks)
  expect(record.keys).toEqual([first, { ...third, state: 'retired' }, { ...second, state: 'retired' }])
  const ring = new KeyRing(record, 0)
  expect(ring.signingKid).toBe(first?.kid)
  expect(ring.kids).toEqual([first?.kid, third?.kid, second?.kid])
})

test.each([
  ['a newline', '\n'],
  ['a Windows newline', '\r\n'],
  ['a comma', ','],
  ['a comma and a newline', ',\n'],
  ['an empty line', '\n\n'],
])('keyRingFromTexts tells fallbacks apart by %s', (_, between) => {
  const { keys } = ringOfTexts(hex('first'), `${hex('second')}${between}${hex('third')}${between}`)
  expect(keys.map(({ kid, state }) => [kid, state])).toEqual([
    [first?.kid, 'active'],
    [second?.kid, 'retired'],
    [third?.kid, 'retired'],
  ])
})

test('keyRingFromTexts tells the fault of every key at once', () => {
  const fault = faultOf('', `too short,${hex('second')},${hex('second')},changeme`)
  const expected =
    'expected at least 32 random bytes as hex, base64 or text, such as `openssl rand -hex 32` prints'
  expect(fault).toMatchObject({
    faults: [
      `SECRET_KEY: is empty; ${expected}`,
      `SECRET_KEY_FALLBACKS (number 1): is shorter than 32 bytes; ${expected}`,
      `SECRET_KEY_FALLBACKS (number 4): is a placeholder; ${expected}`,
      'SECRET_KEY_FALLBACKS: repeats a key; name each key once',
    ],
  })
})

test('keyRingFromTexts names the file or variable that it is told of', () => {
  const texts = {
    signer: { name: '/run/secrets/signer', text: hex('first') },
    fallbacks: { name: '/run/secrets/older', text: 'hunter2' },
  }
  expect(() => keyRingFromTexts(texts)).toThrow('/run/secrets/older (number 1): is shorter than 32 bytes')
})

test('keyRingFromTexts gives a key the kid that it has in a file', () => {
  const fromEnvironment = ringOfTexts(hex('first')).keys[0]
  const fromLine = parseKeyRing(`${secretOf('first').toString('base64url')}\n`)
  const fromFile = parseKeyRing(formatKeyRing(fromLine))
  expect([fromEnvironment?.kid, fromLine.keys[0]?.kid, fromFile.keys[0]?.kid]).toEqual([
    'j34enbtv',
    'j34enbtv',
    'j34enbtv',
  ])
})

test.each([
  { what: 'the signing key', fallbacks: hex('first') },
  { what: 'the signing key in another spelling', fallbacks: secretOf('first').toString('base64url') },
  { what: 'a fallback', fallbacks: `${hex('second')},${hex('third')},${hex('second')}` },
])('keyRingFromTexts refuses fallbacks that repeat $what', ({ fallbacks }) => {
  const fault = faultOf(hex('first'), fallbacks)
  expect(fault).toBeInstanceOf(KeyRingError)
  expect(fault).toMatchObject({ message: expect.stringMatching(/^SECRET_KEY_FALLBACKS: repeats a key/) })
})

test.each([
  { secretKey: '', names: /^SECRET_KEY: is empty; .*openssl rand -hex 32/ },
  { secretKey: ` ${hex('first')}`, names: /^SECRET_KEY: has white space/ },
  { secretKey: `${hex('first')}\n${hex('second')}`, names: /^SECRET_KEY: has more than one line/ },
  { secretKey: hex('first').slice(0, 62), names: /^SECRET_KEY: is shorter than 32 bytes/ },
  { secretKey: `changeme${hex('first')}`, names: /^SECRET_KEY: is a placeholder/ },
  {
    secretKey: hex('first'),
    fallbacks: 'too short',
    names: /^SECRET_KEY_FALLBACKS \(number 1\): is shorter/,
  },
  {
    secretKey: hex('first'),
    fallbacks: `${hex('second')}, ,${hex('third').slice(0, 30)}`,
    names: /^SECRET_KEY_FALLBACKS \(number 2\): is shorter/,
  },
])('keyRingFromTexts says $names and shows no part of a key', ({ secretKey, fallbacks, names }) => {
  const fault = faultOf(secretKey, fallbacks)
  expect(fault).toBeInstanceOf(KeyRingError)
  expect(fault).toMatchObject({ message: expect.stringMatching(names) })
  const secrets = ['first', 'second', 'third'].map(secretOf)
  expect(secrets.flatMap((secret) => showing(secret, [inspect(fault)]))).toEqual([])
})
