import { chmod } from 'node:fs/promises'
import {
  createKeyRingRecord,
  KeyWrapperError,
  type KeyWrapperFault,
  revokeKey,
  rotateKeys,
} from '@holdfast/core'
import { addMail, addSignIn, addVerification, dumpStore, readStore } from '@holdfast/store/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { OpenKeyRingOptions } from '../src/keys/open-key-ring.ts'
import { openKeyRing } from '../src/keys/open-key-ring.ts'
import { StartFault } from '../src/start-fault.ts'
import { idleMs, type KeySetup, newestKidOf, setUpKeys } from './key-setup.ts'

let keys: KeySetup

beforeEach(async () => {
  keys = await setUpKeys()
  return () => keys[Symbol.asyncDispose]()
})

const postures = [
  ['development', false],
  ['production', true],
] as const

async function refusalOf(options: Partial<OpenKeyRingOptions>): Promise<StartFault> {
  const fault = await keys.start(options).then(
    () => expect.fail('expected the start to be refused'),
    (error: Error) => error,
  )
  if (!(fault instanceof StartFault)) throw fault
  return fault
}

const warnings = () => keys.log.events('warn').map(({ message }) => String(message))
const known = () => {
  const [row] = readStore(keys.storePath, "SELECT value FROM meta WHERE key = 'keyRing'")
  return JSON.parse(String(row?.value ?? 'null'))
}

describe.each(postures)('in %s', (_posture, isProduction) => {
  test('a new store without a ring gets one, which the ledger and the store know', async () => {
    const live = await keys.start({ isProduction })

    expect(keys.ledger('key_ring_created')).toMatchObject([{ kid: live.current().signingKid }])
    expect(known()).toMatchObject({ ringId: live.record.ringId, epoch: 1 })
    expect(warnings()).toEqual([])
  })

  test('only the start that made the ring says so', async () => {
    const options = {
      source: keys.source,
      store: keys.store,
      logger: keys.log.logger,
      clock: () => keys.clock.nowMs,
      isProduction,
      reloadMs: 30_000,
      idleMs,
      acceptKeyLoss: false,
    }

    expect([await openKeyRing(options), await openKeyRing(options)].map(({ created }) => created)).toEqual([
      true,
      false,
    ])
    expect(keys.ledger('key_ring_created')).toHaveLength(1)
  })

  test('a ring that fits starts without a word, and changes no row but what is known of it', async () => {
    const live = await keys.start({ isProduction })
    await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: live.current().signingKid })
    const before = dumpStore(keys.storePath)
    await keys.start({ isProduction })

    expect(dumpStore(keys.storePath)).toEqual(before)
    expect(keys.log.lines()).toEqual([])
  })

  test('what a revoked key had signed is ended at the start', async () => {
    const first = await keys.start({ isProduction })
    const leaked = first.current().signingKid
    const { nowMs } = keys.clock
    await addSignIn(keys.store, { nowMs, kid: leaked })
    const verificationId = await addVerification(keys.store, { nowMs, kid: leaked })
    await addMail(keys.store, { nowMs, kid: leaked, verificationId })
    await keys.changeRing((record) => revokeKey(record, leaked, { nowMs }))

    await keys.start({ isProduction })

    expect(keys.ledger('sign_in_ended')).toMatchObject([{ kid: leaked, reason: 'key_revoked' }])
    expect(keys.ledger('verification_cancelled')).toMatchObject([{ kid: leaked, reason: 'key_revoked' }])
    expect(keys.log.events('warn')).toMatchObject([
      {
        message: `key ${leaked} is revoked`,
        ended: 'sign-ins: 1, verifications: 1, unsent mails: 1',
      },
    ])
    const after = dumpStore(keys.storePath)
    await keys.start({ isProduction })
    expect(dumpStore(keys.storePath)).toEqual(after)
  })

  test.each<[KeyWrapperFault, number]>([
    ['unreachable', 75],
    ['throttled', 75],
    ['misconfigured', 78],
    ['denied', 78],
    ['not_found', 78],
    ['refused', 78],
  ])('a key service that is %s refuses the start with exit code %i', async (fault, exitCode) => {
    const source = {
      ...keys.source,
      load: () => Promise.reject(new KeyWrapperError(fault, 'as the test says')),
    }

    const refusal = await refusalOf({ source, isProduction })

    expect(refusal.exitCode).toBe(exitCode)
    expect(refusal.faults).toEqual(['key ring: as the test says'])
  })

  test.each([
    ['broken', '{"holdfast"', /JSON does not parse/],
    ['a placeholder', 'change-me-0123456789abcdef0123456789abcdef', /is a placeholder/],
  ])('a key file that is %s refuses the start, and is not replaced', async (_name, text, fault) => {
    await keys.writeKeyFile(text)

    const refusal = await refusalOf({ isProduction })

    expect(refusal.exitCode).toBe(78)
    expect(refusal.faults).toEqual([expect.stringMatching(fault)])
    expect(await keys.readKeyFile()).toBe(text)
  })
})

describe('a ring that is lost while people are signed in', () => {
  let lost: string

  beforeEach(async () => {
    const first = await keys.start()
    lost = first.current().signingKid
    await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: lost })
    await keys.removeKeyFile()
  })

  test('refuses the start in production, says whom it would sign out, and makes no other', async () => {
    const refusal = await refusalOf({ isProduction: true })

    expect(refusal.exitCode).toBe(78)
    expect(refusal.faults).toEqual([
      expect.stringMatching(/^key ring: .*secret_key\.txt does not exist$/),
      expect.stringMatching(new RegExp(`^key ${lost} is missing from .* \\(sign-ins: 1, .*accept-key-loss$`)),
    ])
    await expect(keys.readKeyFile()).rejects.toThrow('ENOENT')
    expect(keys.ledger('sign_in_ended')).toEqual([])
  })

  test('is replaced in development with a warning, and ends nobody: the key may come back', async () => {
    const live = await keys.start()

    expect(live.current().signingKid).not.toBe(lost)
    expect(warnings()).toEqual([
      expect.stringContaining(`key ${lost} is missing`),
      expect.stringContaining('this store belongs to key ring'),
    ])
    expect(keys.ledger('sign_in_ended')).toEqual([])
    expect(keys.ledger('key_ring_replaced')).toMatchObject([{ kid: live.current().signingKid }])
  })

  test.each(postures)(
    'is given up with --accept-key-loss in %s, once and for all',
    async (_name, isProduction) => {
      await keys.start({ isProduction, acceptKeyLoss: true })
      expect(keys.ledger('sign_in_ended')).toMatchObject([{ kid: lost, reason: 'key_unknown' }])
      expect(keys.log.events('warn')).toMatchObject([
        { message: `key ${lost} is given up`, ended: 'sign-ins: 1, verifications: 0, unsent mails: 0' },
      ])

      await keys.start({ isProduction: true })
      expect(keys.ledger('sign_in_ended')).toHaveLength(1)
    },
  )

  test('refuses with the exit code of a passing fault, and without a word of loss, while a key service is away', async () => {
    const source = {
      ...keys.source,
      load: () => Promise.reject(new KeyWrapperError('unreachable', 'as the test says')),
    }

    expect(await refusalOf({ source, isProduction: true })).toMatchObject({
      exitCode: 75,
      faults: ['key ring: as the test says'],
    })
  })
})

describe('the store of another installation', () => {
  beforeEach(async () => {
    const first = await keys.start()
    await addSignIn(keys.store, { nowMs: keys.clock.nowMs, kid: first.current().signingKid })
    await keys.replaceRing(createKeyRingRecord(keys.clock.nowMs))
  })

  test('refuses the start in production and names the ring it belongs to', async () => {
    const refusal = await refusalOf({ isProduction: true })

    expect(refusal.faults.at(-1)).toContain(`this store belongs to key ring ${known().ringId}`)
    expect(refusal.faults.at(-1)).toContain('STORE_URL')
  })

  test('that nobody needs any more is taken over, with a row in the ledger', async () => {
    keys.clock.nowMs += idleMs
    const live = await keys.start({ isProduction: true })

    expect(keys.ledger('key_ring_replaced')).toMatchObject([{ kid: live.current().signingKid }])
    expect(known().ringId).toBe(live.record.ringId)
  })
})

describe('a revoked key that is back from an older copy', () => {
  let leaked: string

  beforeEach(async () => {
    const first = await keys.start()
    leaked = first.current().signingKid
    const copy = await keys.readKeyFile()
    await keys.changeRing((record) => revokeKey(record, leaked, { nowMs: keys.clock.nowMs }))
    await keys.start()
    await keys.writeKeyFile(copy)
  })

  test.each([
    ['refuses the start in production', false],
    ['refuses it with --accept-key-loss too: the key is not lost, it has leaked', true],
  ])('%s', async (_name, acceptKeyLoss) => {
    const refusal = await refusalOf({ isProduction: true, acceptKeyLoss })

    expect(refusal.faults).toEqual([expect.stringContaining(`key ${leaked} was revoked and is in`)])
  })

  test('is told in development, and stays known as revoked', async () => {
    await keys.start()

    expect(warnings()).toContainEqual(expect.stringContaining(`key ${leaked} was revoked and is in`))
    const revoked = readStore(keys.storePath, "SELECT value FROM meta WHERE key LIKE 'revokedKey:%'")
    expect(revoked).toEqual([{ value: leaked }])
  })
})

test('a key file that others can read refuses the start in production and is told in development', async () => {
  await keys.start()
  await chmod(keys.path, 0o644)

  expect((await refusalOf({ isProduction: true })).faults).toEqual([
    expect.stringMatching(/can be read by other users.*chmod 600/),
  ])
  await keys.start()
  expect(warnings()).toEqual([expect.stringMatching(/can be read by other users/)])
})

test('a start after a rotation signs with the newer key, and needs no word', async () => {
  const first = await keys.start()
  const { nowMs } = keys.clock
  await addSignIn(keys.store, { nowMs, kid: first.current().signingKid })
  const rotated = await keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs + 1 }))
  keys.clock.nowMs += 1

  const live = await keys.start({ isProduction: true })

  expect(live.current().signingKid).toBe(newestKidOf(rotated))
  expect(keys.log.lines()).toEqual([])
})
