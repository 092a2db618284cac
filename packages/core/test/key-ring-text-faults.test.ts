import { hash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { KeyRingError } from '../src/key-ring-error.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'

// What parseKeyRing says of a text that was edited by somebody who knows how to make a checksum.

const record = recordOf(
  keyOf('first', { state: 'retired', createdAtMs: 1, signsUntilMs: 1_000, verifiesUntilMs: 2_000 }),
  keyOf('second', { signsFromMs: 1_000 }),
)
const text = formatKeyRing(record)

/** Parses `changed`, checks that it fails in the promised way, and gives each fault. */
function faultsOf(changed: string): readonly string[] {
  try {
    parseKeyRing(changed)
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error
    return error.faults
  }
  return []
}

/** The text with other content and a checksum that fits it. */
function edited(
  change: (body: { [name: string]: unknown; keys: Record<string, unknown>[] }) => void,
): string {
  const { checksum: _, ...body } = JSON.parse(text)
  change(body)
  return JSON.stringify({ ...body, checksum: hash('sha256', JSON.stringify(body)) })
}

/** The same, with other fields in the first key. */
function editedKey(changes: object): string {
  return edited(({ keys }) => {
    keys[0] = { ...keys[0], ...changes }
  })
}

describe('parseKeyRing', () => {
  test('accepts an edited text when the checksum fits it', () => {
    expect(
      parseKeyRing(
        edited((body) => {
          body.epoch = 4
        }),
      ),
    ).toEqual({ ...record, epoch: 4 })
  })

  test.each<{ fault: string; changed: string }>([
    { fault: 'is JSON, but not a Holdfast key ring', changed: '{}' },
    {
      fault: 'is JSON, but not a Holdfast key ring',
      changed: edited((body) => {
        body.holdfast = 'cookie-jar'
      }),
    },
    {
      fault: 'has version 2; this Holdfast reads 1',
      changed: edited((body) => {
        body.version = 2
      }),
    },
    { fault: 'does not match its checksum', changed: text.replace('"epoch": 3', '"epoch": 2') },
    { fault: 'does not match its checksum', changed: text.replace('retired', 'active') },
    { fault: 'does not match its checksum', changed: text.replace(/,\s*"checksum.*"/, '') },
    {
      fault: 'lacks a ringId of 8 letters, an epoch or keys',
      changed: edited((body) => {
        delete body.ringId
      }),
    },
    {
      fault: 'lacks a ringId of 8 letters, an epoch or keys',
      changed: edited((body) => {
        body.ringId = 'ring-of-a-test'
      }),
    },
    {
      fault: 'lacks a ringId of 8 letters, an epoch or keys',
      changed: edited((body) => {
        body.epoch = 1.5
      }),
    },
    {
      fault: 'lacks a ringId of 8 letters, an epoch or keys',
      changed: edited((body) => {
        body.epoch = -1
      }),
    },
    {
      fault: 'lacks a ringId of 8 letters, an epoch or keys',
      changed: edited((body) => {
        Object.assign(body, { keys: {} })
      }),
    },
    {
      fault: 'has the same key twice',
      changed: edited(({ keys }) => {
        keys.push(keys[0] ?? {})
      }),
    },
    {
      fault: 'holds key (no kid) that is empty',
      changed: edited(({ keys }) => {
        keys[0] = {}
      }),
    },
    {
      fault: 'holds key (no kid) that is empty',
      changed: edited((body) => {
        Object.assign(body, { keys: [null] })
      }),
    },
    {
      fault: 'that is shorter than 32 bytes',
      changed: editedKey({ secret: 'aGVsbG8' }),
    },
    {
      fault: 'under the wrong kid',
      changed: editedKey({ kid: 'aaaaaaaa' }),
    },
    {
      fault: 'under the wrong kid',
      changed: editedKey({ secret: secretOf('third').toString('base64url') }),
    },
    {
      fault: 'in an unknown state',
      changed: editedKey({ state: 'asleep' }),
    },
    {
      fault: 'with a time that is not ISO 8601',
      changed: editedKey({ created: 'soon' }),
    },
    {
      fault: 'with a time that is not ISO 8601',
      changed: editedKey({ signsFrom: 'yesterday' }),
    },
    {
      fault: 'with a time that is not ISO 8601',
      changed: editedKey({ verifiesUntil: 5 }),
    },
    {
      fault: 'with times out of order',
      changed: editedKey({
        signsUntil: '2001-01-01T00:00:00.000Z',
        verifiesUntil: '2000-01-01T00:00:00.000Z',
      }),
    },
    {
      fault: 'with times out of order',
      changed: editedKey({ signsFrom: '2001-01-01T00:00:00.000Z' }),
    },
    {
      fault: 'without its secret, although it is still to verify',
      changed: editedKey({ state: 'active', secret: null }),
    },
    {
      fault: 'without its secret, although it is still to verify',
      changed: editedKey({ verifiesUntil: null, secret: null }),
    },
    {
      fault: 'is wrapped by vault: name it in SECRET_KEY_SOURCE as vault: and its path',
      changed: '{ "holdfast": "wrapped-key-ring", "service": "vault" }',
    },
    { fault: 'its JSON does not parse', changed: `\ufeff${text}` },
    { fault: 'its JSON does not parse', changed: text + text },
    { fault: 'holds a key that is empty', changed: '' },
    { fault: 'holds a key that has more than one line', changed: `# key\n${text}` },
  ])('says that it $fault', ({ fault, changed }) => {
    expect(faultsOf(changed).join('; ')).toContain(fault)
  })

  test('tells every fault of every key at once', () => {
    const changed = edited(({ keys }) => {
      keys[0] = { ...keys[0], state: 'asleep', created: 'soon', verifiesUntil: '1970-01-01T00:00:00.999Z' }
      keys[1] = { ...keys[1], secret: null }
      keys.push({ ...keys[1], secret: 'aGVsbG8' })
    })
    const [first, second] = ['first', 'second'].map((name) => keyOf(name).kid)
    expect(faultsOf(changed)).toEqual([
      `holds key ${first} with a time that is not ISO 8601`,
      `holds key ${first} in an unknown state`,
      `holds key ${first} with times out of order: signsFrom, signsUntil, verifiesUntil`,
      `holds key ${second} without its secret, although it is still to verify`,
      `holds key ${second} that is shorter than 32 bytes`,
      'has the same key twice',
    ])
  })
})
