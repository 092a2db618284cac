import { resolve } from 'node:path'
import type { KeyVariables } from '@holdfast/settings'
import { describe, expect, test } from 'vitest'
import { chooseKeySource } from '../src/choose-key-source.ts'

const one = '1f'.repeat(16) + '0123456789abcdef'.repeat(2)
const two = 'e0'.repeat(16) + 'fedcba9876543210'.repeat(2)

type Given = Partial<KeyVariables>

const choose = (given: Given) =>
  chooseKeySource({ DATA_DIR: '/data', KEY_RELOAD_SECONDS: 30, KEY_SERVICE_WAIT_SECONDS: 60, ...given })

describe('one source is chosen', () => {
  test.each<[string, Given, object]>([
    ['SECRET_KEY', { SECRET_KEY: one }, { kind: 'texts', signer: { name: 'SECRET_KEY', text: one } }],
    [
      'env: with SECRET_KEY',
      { SECRET_KEY: one, SECRET_KEY_SOURCE: 'env:' },
      { kind: 'texts', signer: { name: 'SECRET_KEY', text: one } },
    ],
    [
      'SECRET_KEY_FILE',
      { SECRET_KEY_FILE: '/run/key' },
      { kind: 'texts', signer: { name: 'SECRET_KEY_FILE', path: '/run/key' } },
    ],
    [
      'env: with a SECRET_KEY_FILE, which is made absolute',
      { SECRET_KEY_FILE: 'key', SECRET_KEY_SOURCE: 'env:' },
      { kind: 'texts', signer: { name: 'SECRET_KEY_FILE', path: resolve('key') } },
    ],
    [
      'a key with older keys',
      { SECRET_KEY: one, SECRET_KEY_FALLBACKS: two },
      {
        kind: 'texts',
        signer: { name: 'SECRET_KEY', text: one },
        fallbacks: { name: 'SECRET_KEY_FALLBACKS', text: two },
      },
    ],
    [
      'a file of a key and a file of older keys',
      { SECRET_KEY_FILE: '/run/key', SECRET_KEY_FALLBACKS_FILE: '/run/older' },
      {
        kind: 'texts',
        signer: { name: 'SECRET_KEY_FILE', path: '/run/key' },
        fallbacks: { name: 'SECRET_KEY_FALLBACKS_FILE', path: '/run/older' },
      },
    ],
    [
      'a key and a file of older keys',
      { SECRET_KEY: one, SECRET_KEY_FALLBACKS_FILE: '/run/older' },
      {
        kind: 'texts',
        signer: { name: 'SECRET_KEY', text: one },
        fallbacks: { name: 'SECRET_KEY_FALLBACKS_FILE', path: '/run/older' },
      },
    ],
    ['file: and a path', { SECRET_KEY_SOURCE: 'file:/srv/key' }, { kind: 'path', path: '/srv/key' }],
    [
      'file: and a path with a colon',
      { SECRET_KEY_SOURCE: 'file:/srv/a:b' },
      { kind: 'path', path: '/srv/a:b' },
    ],
    [
      'file: and a relative path',
      { SECRET_KEY_SOURCE: 'file:key.txt' },
      { kind: 'path', path: resolve('key.txt') },
    ],
    ...(['aws-kms', 'azure-key-vault', 'gcp-kms', 'vault'] as const).flatMap(
      (service): [string, Given, object][] => [
        [
          `${service}: alone`,
          { SECRET_KEY_SOURCE: `${service}:` },
          { kind: 'wrapped', service, path: '/data/secret_key.wrapped.json' },
        ],
        [
          `${service}: and a path`,
          { SECRET_KEY_SOURCE: `${service}:/srv/ring.json` },
          { kind: 'wrapped', service, path: '/srv/ring.json' },
        ],
      ],
    ),
  ])('%s', (_name, given, choice) => {
    expect(choose(given)).toEqual({ ok: true, choice })
  })

  test('nothing at all is the file in DATA_DIR, and not said explicitly', () => {
    expect(choose({})).toEqual({
      ok: true,
      choice: { kind: 'path', path: '/data/secret_key.txt' },
    })
  })
})

const elsewhere = ['file:/srv/key', 'aws-kms:', 'azure-key-vault:', 'gcp-kms:', 'vault:/srv/ring.json']

describe('what is ambiguous is refused, by the name of the variable that is one too many', () => {
  test.each<[string, Given, string[]]>([
    ['a key and a file of one', { SECRET_KEY: one, SECRET_KEY_FILE: '/run/key' }, ['SECRET_KEY_FILE']],
    [
      'older keys and a file of them',
      { SECRET_KEY: one, SECRET_KEY_FALLBACKS: two, SECRET_KEY_FALLBACKS_FILE: '/run/older' },
      ['SECRET_KEY_FALLBACKS_FILE'],
    ],
    ...elsewhere.flatMap((source): [string, Given, string[]][] => [
      [`a key and ${source}`, { SECRET_KEY: one, SECRET_KEY_SOURCE: source }, ['SECRET_KEY_SOURCE']],
      [
        `a file of a key and ${source}`,
        { SECRET_KEY_FILE: '/run/key', SECRET_KEY_SOURCE: source },
        ['SECRET_KEY_SOURCE'],
      ],
      [
        `older keys and ${source}`,
        { SECRET_KEY_FALLBACKS: two, SECRET_KEY_SOURCE: source },
        ['SECRET_KEY_FALLBACKS'],
      ],
      [
        `a file of older keys and ${source}`,
        { SECRET_KEY_FALLBACKS_FILE: '/run/older', SECRET_KEY_SOURCE: source },
        ['SECRET_KEY_FALLBACKS_FILE'],
      ],
    ]),
    ['older keys alone', { SECRET_KEY_FALLBACKS: two }, ['SECRET_KEY_FALLBACKS']],
    [
      'a file of older keys alone',
      { SECRET_KEY_FALLBACKS_FILE: '/run/older' },
      ['SECRET_KEY_FALLBACKS_FILE'],
    ],
    ['env: without a key', { SECRET_KEY_SOURCE: 'env:' }, ['SECRET_KEY']],
    [
      'env: with older keys only',
      { SECRET_KEY_SOURCE: 'env:', SECRET_KEY_FALLBACKS: two },
      ['SECRET_KEY', 'SECRET_KEY_FALLBACKS'],
    ],
    [
      'everything at once',
      {
        SECRET_KEY: one,
        SECRET_KEY_FILE: '/run/key',
        SECRET_KEY_FALLBACKS: two,
        SECRET_KEY_FALLBACKS_FILE: '/run/older',
        SECRET_KEY_SOURCE: 'vault:',
      },
      ['SECRET_KEY_FILE', 'SECRET_KEY_FALLBACKS_FILE', 'SECRET_KEY_SOURCE'],
    ],
  ])('%s', (_name, given, names) => {
    expect(namesIn(choose(given))).toEqual(names)
  })
})

/** Long, so that no message has one by accident; each is wrong in its own way. */
const badKeys: [fault: string, text: string][] = [
  ['short', 'short-Q7!zR2'],
  ['a placeholder', 'change-me-ZkQ93Xw-0123456789abcdef0123456789'],
  ['of one letter', 'Z'.repeat(64)],
  ['with an odd number of hex digits', `${one}7`],
  ['of two lines', `${one}\n${two}`],
  ['with white space around it', ` ${one} `],
  ['that is not UTF-8', `${one.slice(0, 40)}\ufffd`],
]

describe('a key that stands in a variable is checked at once', () => {
  test.each(badKeys)('a SECRET_KEY that is %s is named and not quoted', (_fault, text) => {
    const chosen = choose({ SECRET_KEY: text })

    expect(namesIn(chosen)).toEqual(['SECRET_KEY'])
    expectNoTrace(chosen, text)
  })

  // Line breaks and blanks separate older keys.
  const badOlderKeys = badKeys.filter(([, text]) => !/\s/.test(text))

  test.each(badOlderKeys)('an older key that is %s is named by its number and not quoted', (_fault, text) => {
    const chosen = choose({ SECRET_KEY: one, SECRET_KEY_FALLBACKS: `${two},${text}` })

    expect(namesIn(chosen)).toEqual(['SECRET_KEY_FALLBACKS (number 2)'])
    expectNoTrace(chosen, text)
  })

  test('every bad key is told, with what is ambiguous besides', () => {
    const chosen = choose({
      SECRET_KEY: 'short',
      SECRET_KEY_FALLBACKS: 'also short',
      SECRET_KEY_SOURCE: 'vault:',
    })

    expect(namesIn(chosen)).toEqual(['SECRET_KEY_SOURCE', 'SECRET_KEY', 'SECRET_KEY_FALLBACKS (number 1)'])
  })

  test('a key that is repeated among the older ones is a fault', () => {
    const chosen = choose({ SECRET_KEY: one, SECRET_KEY_FALLBACKS: `${two}, ${one}` })

    expect(namesIn(chosen)).toEqual(['SECRET_KEY_FALLBACKS'])
    expectNoTrace(chosen, one)
  })
})

test('no fault quotes a path or a source: somebody may have put a key there', () => {
  const canary = 'CANARYkey0123456789'
  const chosen = choose({
    SECRET_KEY: one,
    SECRET_KEY_FILE: canary,
    SECRET_KEY_FALLBACKS: two,
    SECRET_KEY_FALLBACKS_FILE: canary,
    SECRET_KEY_SOURCE: `file:${canary}`,
  })

  expect(chosen.ok ? [] : chosen.faults).toHaveLength(3)
  expectNoTrace(chosen, canary)
})

function namesIn(chosen: ReturnType<typeof chooseKeySource>): string[] {
  return chosen.ok ? [] : chosen.faults.map((fault) => fault.slice(0, fault.indexOf(': ')))
}

/** Not the text, nor any run of eight of its characters. */
function expectNoTrace(chosen: ReturnType<typeof chooseKeySource>, text: string): void {
  const said = chosen.ok ? '' : chosen.faults.join('\n')
  const runs = Array.from({ length: Math.max(1, text.length - 7) }, (_, at) => text.slice(at, at + 8))
  expect(said).not.toBe('')
  expect(runs.filter((run) => said.includes(run))).toEqual([])
}
