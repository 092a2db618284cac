import { createCipheriv, hash, randomBytes } from 'node:crypto'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { keyFileSource } from '../src/key-file.ts'
import { revokeKey, rotateKeys } from '../src/key-ring-changes.ts'
import { KeyRingError } from '../src/key-ring-error.ts'
import type { KeyRingRecord } from '../src/key-ring-record.ts'
import { formatKeyRing } from '../src/key-ring-text.ts'
import { KeyWrapperError } from '../src/key-wrapper.ts'
import { wrappedFormat } from '../src/wrapped-key-ring.ts'
import { MemoryKeyWrapper } from './memory-key-wrapper.ts'
import { keyOf, recordOf, secretOf } from './rings.ts'
import { showing } from './secret-traces.ts'
import { temporaryFolder } from './temporary-folder.ts'

const record = recordOf(keyOf('first'), keyOf('second', { state: 'staged', signsFromMs: 20 }))
const other: KeyRingRecord = { ...recordOf(keyOf('third')), ringId: 'othering' }
const signal = new AbortController().signal
let wrapper: MemoryKeyWrapper

beforeEach(() => {
  wrapper = new MemoryKeyWrapper()
})

function formatWith(options: { keyName?: string; service?: string; by?: MemoryKeyWrapper } = {}) {
  const { service = 'test-kms', by = wrapper, keyName } = options
  return wrappedFormat({
    service,
    callWrapper: (call) => call(by, signal),
    ...(keyName !== undefined && { keyName }),
  })
}

function textOf(ring: KeyRingRecord, by = wrapper): Promise<string> {
  return Promise.resolve(formatWith({ keyName: 'main', by }).format(ring))
}

/** Parses by a format that has seen nothing yet, and gives the fault in the words of an operator. */
async function faultOf(text: string, by = wrapper): Promise<string> {
  try {
    await formatWith({ by }).parse(text)
  } catch (error) {
    if (error instanceof KeyRingError || error instanceof KeyWrapperError) return error.message
    throw error
  }
  return 'no fault'
}

/** The text with other content and a checksum that fits it, as an attacker would write it. */
function edited(text: string, changes: object): string {
  const { checksum: _, ...body } = JSON.parse(text)
  const changed = { ...body, ...changes }
  return JSON.stringify({ ...changed, checksum: hash('sha256', JSON.stringify(changed)) })
}

function fieldOf(text: string, name: string): string {
  return JSON.parse(text)[name]
}

describe('a wrapped ring', () => {
  test('reads back as it was, in another process too', async () => {
    const text = await textOf(record)
    expect(await formatWith().parse(text)).toEqual(record)
    expect(wrapper.unwraps).toBe(1)
  })

  test('says in clear what it is, of which epoch, and by which version of which key it is wrapped', async () => {
    const text = await textOf(record)
    expect(JSON.parse(text)).toMatchObject({
      holdfast: 'wrapped-key-ring',
      version: 1,
      service: 'test-kms',
      ringId: 'ringtest',
      epoch: 3,
      keyName: 'main/versions/1',
    })
    expect(text.endsWith('}\n')).toBe(true)
  })

  test('shows no byte of a key nor of the data key, in any spelling', async () => {
    const text = await textOf(record)
    const bytes = Buffer.from(fieldOf(text, 'sealed'), 'base64url').toString('latin1')
    for (const secret of [secretOf('first'), secretOf('second'), ...wrapper.dataKeys]) {
      expect(showing(secret, [text, bytes])).toEqual([])
    }
    expect(wrapper.dataKeys).toHaveLength(1)
    expect(text).not.toContain(keyOf('first').kid)
  })

  test('is sealed with another data key of 32 bytes each time, and looks different', async () => {
    const format = formatWith({ keyName: 'main' })
    const texts = await Promise.all(Array.from({ length: 20 }, () => format.format(record)))
    expect(new Set(wrapper.dataKeys.map((key) => key.toString('hex'))).size).toBe(20)
    expect(wrapper.dataKeys.every((key) => key.length === 32)).toBe(true)
    expect(new Set(texts.map((text) => fieldOf(text, 'sealed'))).size).toBe(20)
  })

  test('is unwrapped once as long as its text is the same, and not at all by who wrote it', async () => {
    const writing = formatWith({ keyName: 'main' })
    const text = await writing.format(record)
    expect(await writing.parse(text)).toEqual(record)
    expect(wrapper.unwraps).toBe(0)
    const reading = formatWith()
    for (let round = 0; round < 5; round++) expect(await reading.parse(text)).toEqual(record)
    expect(wrapper.unwraps).toBe(1)
    const next = await writing.format({ ...record, epoch: 4 })
    expect((await reading.parse(next)).epoch).toBe(4)
    expect((await reading.parse(text)).epoch).toBe(3)
    expect(wrapper.unwraps).toBe(3)
  })

  test('is wrapped again by the key that its file names', async () => {
    const format = formatWith()
    await format.parse(await textOf(record))
    const next = await format.format({ ...record, epoch: 4 })
    expect(await formatWith().parse(next)).toEqual({ ...record, epoch: 4 })
  })

  test('needs a name of a key when it is wrapped for the first time, and is never made by itself', async () => {
    const format = formatWith()
    expect(format.canCreate).toBe(false)
    await expect(format.format(record)).rejects.toThrow('names no key to wrap it with')
    expect(wrapper.dataKeys).toEqual([])
  })
})

describe('parse of a wrapped ring refuses', () => {
  test('every truncation but the one that loses only the last newline, and shows no key', async () => {
    const text = await textOf(record)
    const faults: string[] = []
    const accepted: number[] = []
    for (let length = 0; length < text.length; length++) {
      const fault = await faultOf(text.slice(0, length))
      if (fault === 'no fault') accepted.push(length)
      faults.push(fault)
    }
    expect(accepted).toEqual([text.length - 1])
    expect(showing(secretOf('first'), faults)).toEqual([])
  })

  test('a sealed ring with a tag of less than 128 bits, without a warning of Node', async () => {
    const warnings: Error[] = []
    const onWarning = (warning: Error) => warnings.push(warning)
    process.on('warning', onWarning)
    const text = await textOf(record)
    for (const length of [4, 8, 12, 15]) {
      const short = randomBytes(length).toString('base64url')
      expect(await faultOf(edited(text, { sealed: short }))).toMatch(/^does not open with the data key/)
    }
    await new Promise(setImmediate)
    process.off('warning', onWarning)
    expect(warnings).toEqual([])
  })

  test.each(['sealed', 'wrapped'])('any truncation of what is %s, though the checksum fits', async (name) => {
    const text = await textOf(record)
    const whole = Buffer.from(fieldOf(text, name), 'base64url')
    for (let length = 0; length < whole.length; length++) {
      const cut = edited(text, { [name]: whole.subarray(0, length).toString('base64url') })
      expect(await faultOf(cut)).toMatch(/did not wrap this|does not open with the data key/)
    }
  })

  test('any flipped bit of what is sealed or wrapped, though the checksum fits', async () => {
    const text = await textOf(record)
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('sealed', 'wrapped'), fc.nat(), async (name, at) => {
        const bytes = Buffer.from(fieldOf(text, name), 'base64url')
        const bit = at % (bytes.length * 8)
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const fault = await faultOf(edited(text, { [name]: bytes.toString('base64url') }))
        expect(fault).toMatch(/did not wrap this|does not open with the data key/)
      }),
    )
  })

  test('any edit whose checksum does not fit', async () => {
    const text = await textOf(record)
    const sloppy = [text.replace('"epoch": 3', '"epoch": 4'), text.replace('main/', 'other/')]
    for (const changed of [...sloppy, text.replace(/,\s*"checksum.*"/, '')]) {
      expect(await faultOf(changed)).toBe('does not match its checksum: it was cut short or edited by hand')
    }
  })

  test.each([
    { what: 'another epoch', changes: { epoch: 4 }, fault: /^does not open with the data key/ },
    { what: 'another ring id', changes: { ringId: 'othering' }, fault: /did not wrap this/ },
    { what: 'another wrapping key', changes: { keyName: 'other/versions/1' }, fault: /did not wrap this/ },
    {
      what: 'another spelling of it',
      changes: { keyName: 'main' },
      fault: /^does not open with the data key/,
    },
    {
      what: 'another service',
      changes: { service: 'other-kms' },
      fault: /^is wrapped by other-kms, and SECRET_KEY_SOURCE says test-kms$/,
    },
    { what: 'another version', changes: { version: 2 }, fault: /^has version 2; this Holdfast reads 1$/ },
    { what: 'another kind', changes: { holdfast: 'cookie-jar' }, fault: /^is JSON, but not a wrapped/ },
    { what: 'no epoch', changes: { epoch: undefined }, fault: /^lacks ringId, epoch/ },
    { what: 'a sealed ring that is no text', changes: { sealed: 5 }, fault: /^lacks ringId, epoch/ },
  ])('a header that says $what, though the checksum fits', async ({ changes, fault }) => {
    expect(await faultOf(edited(await textOf(record), changes))).toMatch(fault)
  })

  test.each([
    { service: 'that binds to the ring', binds: true, fault: 'did not wrap this' },
    { service: 'that cannot bind', binds: false, fault: 'does not open with the data key' },
  ])("another ring's wrapped data key, by a service $service", async ({ binds, fault }) => {
    const by = new MemoryKeyWrapper({ binds })
    const [ours, theirs] = [await textOf(record, by), await textOf(other, by)]
    expect(await faultOf(ours, by)).toBe('no fault')
    const swapped = edited(ours, { wrapped: fieldOf(theirs, 'wrapped') })
    expect(await faultOf(swapped, by)).toContain(fault)
    const moved = edited(ours, { sealed: fieldOf(theirs, 'sealed') })
    expect(await faultOf(moved, by)).toContain('does not open with the data key')
  })

  test.each<{ what: string; inside: KeyRingRecord }>([
    { what: 'another epoch', inside: { ...record, epoch: 2 } },
    { what: 'another ring id', inside: { ...record, ringId: 'othering' } },
  ])('a ring of $what under a header that does not say so', async ({ inside }) => {
    const text = await textOf(record)
    const { service, ringId, epoch, keyName } = JSON.parse(text)
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', wrapper.dataKeys[0] ?? '', nonce)
    const header = JSON.stringify(['holdfast/v1/wrapped-key-ring', service, ringId, epoch, keyName])
    cipher.setAAD(Buffer.from(header))
    const sealed = Buffer.concat([nonce, cipher.update(formatKeyRing(inside)), cipher.final()])
    const whole = Buffer.concat([sealed, cipher.getAuthTag()]).toString('base64url')
    expect(await faultOf(edited(text, { sealed: whole }))).toBe('holds another ring than it says')
  })

  test('a ring in clear, and shows nothing of it', async () => {
    const fault = await faultOf(formatKeyRing(record))
    expect(fault).toMatch(/^is a key ring in clear; /)
    const line = secretOf('first').toString('base64url')
    const faults = [fault, await faultOf(line), await faultOf(`{"${line}"`), await faultOf(`"${line}"`)]
    expect(showing(secretOf('first'), faults)).toEqual([])
  })

  test('what the service refuses, with the words of the service', async () => {
    const text = await textOf(record)
    const denied = new KeyWrapperError('denied', 'test-kms: no permission to decrypt with main')
    const format = wrappedFormat({
      service: 'test-kms',
      callWrapper: async () => {
        throw denied
      },
    })
    await expect(format.parse(text)).rejects.toBe(denied)
  })
})

describe('a file with a wrapped ring', () => {
  test('is changed as one in clear is: whole, for its owner only, with a new data key for each change', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'ring.json')
    await keyFileSource({ path, format: formatWith({ keyName: 'main' }) }).put(record)
    const source = keyFileSource({ path, format: formatWith() })
    const rotated = await source.change((ring) => revokeKey(ring, keyOf('first').kid, { nowMs: 10 }))
    const again = await source.change((ring) => rotateKeys(ring, { nowMs: 30, signsFromMs: 40 }))
    expect([rotated.epoch, again.epoch]).toEqual([4, 5])
    const elsewhere = keyFileSource({ path, format: formatWith() })
    expect((await elsewhere.load({ create: false, nowMs: 30 })).record).toEqual(again)
    expect(new Set(wrapper.dataKeys.map((key) => key.toString('hex'))).size).toBe(3)
    expect(((await stat(path)).mode & 0o777).toString(8)).toBe('600')
    expect(await readdir(folder)).toEqual(['ring.json'])
    expect(showing(secretOf('second'), [await readFile(path, 'utf8'), inspect(source)])).toEqual([])
  })

  test('stays as it is when the service wraps nothing', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'ring.json')
    const text = await textOf(record)
    await writeFile(path, text, { mode: 0o600 })
    const unreachable = new KeyWrapperError('unreachable', 'test-kms does not answer')
    wrapper.wrap = () => Promise.reject(unreachable)
    const change = keyFileSource({ path, format: formatWith() }).change((ring) => ({ ...ring, epoch: 4 }))
    await expect(change).rejects.toBe(unreachable)
    expect(await readFile(path, 'utf8')).toBe(text)
    expect(await readdir(folder)).toEqual(['ring.json'])
  })
})
