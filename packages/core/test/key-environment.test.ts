import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { keyRingFromEnvironment } from '../src/key-environment.ts'
import { KeyRing } from '../src/key-ring.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'

const hex = (name: string) => secretOf(name).toString('hex')
const [first, second, third] = ['first', 'second', 'third'].map((name) => keyOf(name))

function faultOf(secretKey: string, fallbacks?: string): unknown {
  try {
    return keyRingFromEnvironment(secretKey, fallbacks)
  } catch (error) {
    return error
  }
}

test.each([
  ['not set', undefined],
  ['empty', ''],
  ['only commas and spaces', ' , ,'],
])('keyRingFromEnvironment makes a ring of one signing key when the fallbacks are %s', (_, fallbacks) => {
  expect(keyRingFromEnvironment(hex('first'), fallbacks)).toEqual({
    ringId: first?.kid,
    epoch: 0,
    keys: [first],
  })
})

test('keyRingFromEnvironment keeps the fallbacks in their order, to verify and never to sign', () => {
  const fallbacks = ` ${hex('third')},${secretOf('second').toString('base64')} , `
  const record = keyRingFromEnvironment(hex('first'), fallbacks)
  expect(record.keys).toEqual([first, { ...third, state: 'retired' }, { ...second, state: 'retired' }])
  const ring = new KeyRing(record, 0)
  expect(ring.signingKid).toBe(first?.kid)
  expect(ring.kids).toEqual([first?.kid, third?.kid, second?.kid])
})

test('keyRingFromEnvironment gives a key the kid that it has in a file', () => {
  const fromEnvironment = keyRingFromEnvironment(hex('first'), undefined).keys[0]
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
])('keyRingFromEnvironment refuses fallbacks that repeat $what', ({ fallbacks }) => {
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
])('keyRingFromEnvironment says $names and shows no part of a key', ({ secretKey, fallbacks, names }) => {
  const fault = faultOf(secretKey, fallbacks)
  expect(fault).toBeInstanceOf(KeyRingError)
  expect(fault).toMatchObject({ message: expect.stringMatching(names) })
  const secrets = ['first', 'second', 'third'].map(secretOf)
  expect(secrets.flatMap((secret) => showing(secret, [inspect(fault)]))).toEqual([])
})
