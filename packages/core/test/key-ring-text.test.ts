import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Key } from '../src/key.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import type { KeyRingRecord } from '../src/key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from '../src/key-ring-text.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'

const record = recordOf(
  keyOf('first', { state: 'retired', createdAtMs: 1, signsUntilMs: 1_000, verifiesUntilMs: 2_000 }),
  keyOf('second', { signsFromMs: 1_000 }),
)
const text = formatKeyRing(record)

/** Parses `changed`, checks that it fails in the promised way, and gives what an operator gets to see. */
function faultOf(changed: string): string {
  try {
    parseKeyRing(changed)
  } catch (error) {
    if (!(error instanceof KeyRingError)) throw error
    return error.message
  }
  return 'no fault'
}

const aTime = fc.integer({ min: -8.64e15, max: 8.64e15 })
const anyKey: fc.Arbitrary<Key> = fc
  .record({
    name: fc.string(),
    state: fc.constantFrom('staged', 'active', 'retired', 'revoked'),
    createdAtMs: fc.option(aTime, { nil: null }),
    times: fc.tuple(aTime, aTime, aTime).map((times) => times.sort((one, other) => one - other)),
    ends: fc.tuple(fc.boolean(), fc.boolean()),
    isDestroyed: fc.boolean(),
  })
  .map(({ name, state, createdAtMs, times: [first = 0, second = 0, third = 0], ends, isDestroyed }) => {
    const verifiesUntilMs = ends[1] ? third : null
    const isOver = state === 'revoked' || (state === 'retired' && verifiesUntilMs !== null)
    const secret = isOver && isDestroyed ? { secret: null } : {}
    const signsUntilMs = ends[0] ? second : null
    return keyOf(name, { state, createdAtMs, signsFromMs: first, signsUntilMs, verifiesUntilMs, ...secret })
  })
const anyRecord: fc.Arbitrary<KeyRingRecord> = fc.record({
  ringId: fc.stringMatching(/^[a-z2-7]{8}$/),
  epoch: fc.nat({ max: 2 ** 52 - 1 }),
  keys: fc.uniqueArray(anyKey, { selector: (key) => key.kid }),
})

describe('formatKeyRing', () => {
  test('gives what parseKeyRing reads back, for any ring', () => {
    fc.assert(
      fc.property(anyRecord, (anything) => {
        expect(parseKeyRing(formatKeyRing(anything))).toEqual(anything)
      }),
    )
  })

  test('names version, states and times so that a person can read them, and ends in a newline', () => {
    expect(text.endsWith('}\n')).toBe(true)
    expect(JSON.parse(text)).toMatchObject({
      holdfast: 'key-ring',
      version: 1,
      ringId: 'ringtest',
      epoch: 3,
      keys: [
        {
          kid: keyOf('first').kid,
          state: 'retired',
          created: '1970-01-01T00:00:00.001Z',
          signsUntil: '1970-01-01T00:00:01.000Z',
          verifiesUntil: '1970-01-01T00:00:02.000Z',
        },
        { signsFrom: '1970-01-01T00:00:01.000Z', signsUntil: null, verifiesUntil: null },
      ],
    })
  })
})

describe('parseKeyRing', () => {
  test('refuses every truncation but the one that loses only the last newline', () => {
    const accepted: number[] = []
    const faults = new Set<string>()
    for (let length = 0; length < text.length; length++) {
      const fault = faultOf(text.slice(0, length))
      if (fault === 'no fault') accepted.push(length)
      faults.add(fault)
    }
    expect(accepted).toEqual([text.length - 1])
    expect(parseKeyRing(text.slice(0, -1))).toEqual(record)
    expect(showing(secretOf('second'), faults)).toEqual([])
  })

  test('refuses every change of one byte that does not leave the same ring', () => {
    const faults = new Set<string>()
    const changed = Buffer.from(text)
    for (let at = 0; at < changed.length; at++) {
      const original = changed[at] ?? 0
      for (const other of [...Array(8).keys()]
        .map((bit) => original ^ (1 << bit))
        .concat(0, 10, 32, 48, 65)) {
        if (other === original) continue
        changed[at] = other
        const fault = faultOf(changed.toString('utf8'))
        faults.add(fault)
        if (fault === 'no fault') expect(parseKeyRing(changed.toString('utf8'))).toEqual(record)
      }
      changed[at] = original
    }
    expect(faults.size).toBeGreaterThan(3)
    expect(showing(secretOf('first'), faults)).toEqual([])
    expect(showing(secretOf('second'), faults)).toEqual([])
  })

  test('refuses a text from which any piece was cut or in which any piece stands twice', () => {
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(text.length), (from, to) => {
        const changed = text.slice(0, from) + text.slice(to)
        fc.pre(changed.trim() !== text.trim())
        const fault = faultOf(changed)
        if (fault === 'no fault') expect(parseKeyRing(changed)).toEqual(record)
        expect(showing(secretOf('first'), [fault])).toEqual([])
      }),
    )
  })

  test.each([
    { form: 'hex', line: secretOf('first').toString('hex') },
    { form: 'base64url and a newline', line: `${secretOf('first').toString('base64url')}\n` },
    { form: 'base64 and a Windows newline', line: `${secretOf('first').toString('base64')}\r\n` },
  ])('reads a single line of $form as a ring of one active key', ({ line }) => {
    const { kid } = keyOf('first')
    expect(parseKeyRing(line)).toEqual({ ringId: kid, epoch: 0, keys: [keyOf('first')] })
  })

  test('shows no part of a single line that it refuses', () => {
    const line = secretOf('first').toString('base64url')
    const refused = [
      ` ${line}`,
      `${line}\n${line}`,
      `secret=${line}`,
      `{${line}`,
      `{"${line}"`,
      `[${line}]\n\n`,
      line.slice(0, 21),
    ]
    const seen = refused.map((each) => {
      try {
        return `accepted ${JSON.stringify(parseKeyRing(each))}`
      } catch (error) {
        return inspect(error, { depth: 5 })
      }
    })
    expect(seen.filter((each) => !each.includes('KeyRingError'))).toEqual([])
    expect(showing(secretOf('first'), seen)).toEqual([])
  })
})
