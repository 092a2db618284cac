import { DatabaseSync } from 'node:sqlite'
import { revokeKey, rotateKeys } from '@holdfast/core'
import { addMail, addSignIn, addVerification, dumpStore, readStore } from '@holdfast/store/testing'
import { beforeEach, describe, expect, test } from 'vitest'
import type { LiveKeyRing } from '../src/keys/live-key-ring.ts'
import { type KeySetup, setUpKeys } from './key-setup.ts'

/*
 * What a reload does to the store: it ends what revoked keys had signed, and it is done again until the store
 * has taken it.
 */

let keys: KeySetup
let live: LiveKeyRing
/** The key that is going to be revoked, and one that is not. */
let leaked: string
let good: string

beforeEach(async () => {
  keys = await setUpKeys()
  live = await keys.start()
  leaked = live.current().signingKid
  keys.clock.nowMs += 1_000
  const { nowMs } = keys.clock
  await keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs }))
  await live.reload('poll')
  good = live.current().signingKid
  return () => keys[Symbol.asyncDispose]()
})

const revoke = () => keys.changeRing((record) => revokeKey(record, leaked, { nowMs: keys.clock.nowMs }))

async function addLiveRecords(kid: string) {
  const { nowMs } = keys.clock
  const signInId = await addSignIn(keys.store, { nowMs, kid })
  const verificationId = await addVerification(keys.store, { nowMs, kid })
  await addMail(keys.store, { nowMs, kid, verificationId })
  return { signInId, verificationId }
}

/** Another process that holds the write lock, until it lets go. */
function lockStore(): () => void {
  const other = new DatabaseSync(keys.storePath)
  other.exec('BEGIN IMMEDIATE')
  return () => {
    other.exec('ROLLBACK')
    other.close()
  }
}

function rename(table: string, name: string): void {
  const other = new DatabaseSync(keys.storePath)
  other.exec(`ALTER TABLE ${table} RENAME TO ${name}`)
  other.close()
}

const ended = () => ({
  signIns: readStore(keys.storePath, 'SELECT kid FROM signIns WHERE endedAtMs IS NOT NULL'),
  verifications: readStore(keys.storePath, "SELECT kid FROM verifications WHERE state = 'cancelled'"),
  mails: readStore(keys.storePath, "SELECT mac FROM codes WHERE sealed IS NULL AND delivery = 'failed'"),
})

describe('a key that was revoked', () => {
  test('has its sign-ins, verifications and mails ended at the next look, each with a row in the ledger', async () => {
    const { signInId, verificationId } = await addLiveRecords(leaked)
    await revoke()
    await live.reload('poll')

    expect(ended()).toMatchObject({
      signIns: [{ kid: leaked }],
      verifications: [{ kid: leaked }],
      mails: [{}],
    })
    expect(keys.ledger('sign_in_ended')).toMatchObject([{ signInId, kid: leaked, reason: 'key_revoked' }])
    expect(keys.ledger('verification_cancelled')).toMatchObject([
      { verificationId, kid: leaked, reason: 'key_revoked' },
    ])
    expect(keys.log.events('warn')).toMatchObject([
      {
        message: 'what revoked keys had signed is ended',
        kids: [leaked],
        signIns: 1,
        verifications: 1,
        mails: 1,
      },
    ])
  })

  test('leaves alone what another key had signed', async () => {
    await addLiveRecords(good)
    await revoke()
    await live.reload('poll')

    expect(live.reloads).toBe(2)
    expect(ended()).toEqual({ signIns: [], verifications: [], mails: [] })
    expect(keys.log.events('warn')).toEqual([])
  })

  test('is dealt with once: the looks after that change no row', async () => {
    await addLiveRecords(leaked)
    await revoke()
    await live.reload('poll')
    const after = dumpStore(keys.storePath)
    for (let look = 1; look <= 3; look++) await live.reload('poll')

    expect(dumpStore(keys.storePath)).toEqual(after)
  })
})

describe('while the store takes no writes', () => {
  test('a revoked key is refused from the first look on, and what it had signed is ended at the next good one', async () => {
    await addLiveRecords(leaked)
    await revoke()
    const unlock = lockStore()
    await live.reload('poll')
    expect(live.current().has(leaked)).toBe(false)
    expect([live.reloads, live.reloadFailures]).toEqual([1, 1])
    expect(keys.log.events('error')).toMatchObject([
      { message: expect.stringContaining('not settled with the store'), signs: good },
    ])
    unlock()
    expect(ended()).toEqual({ signIns: [], verifications: [], mails: [] })

    await live.reload('poll')

    expect([live.reloads, live.reloadFailures]).toEqual([2, 1])
    expect(ended()).toMatchObject({ signIns: [{}], verifications: [{}], mails: [{}] })
    expect(keys.ledger('key_ring_reloaded')).toHaveLength(2)
    expect(keys.log.events('info').at(-1)).toMatchObject({ message: 'key ring can be read again' })
  })

  test('a ring that came meanwhile and is bad does not undo the half-done change', async () => {
    await addLiveRecords(leaked)
    await revoke()
    const text = await keys.readKeyFile()
    const unlock = lockStore()
    await live.reload('poll')
    unlock()
    await keys.writeKeyFile('')
    await live.reload('poll')
    expect(live.current().has(leaked)).toBe(false)
    await keys.writeKeyFile(text)
    await live.reload('poll')

    expect(ended()).toMatchObject({ signIns: [{}], verifications: [{}], mails: [{}] })
    expect(live.reloadFailures).toBe(2)
  })
})

test('while the store answers nothing a changed ring is refused, and taken over at the next look', async () => {
  const { nowMs } = keys.clock
  const before = live.current()
  await keys.changeRing((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs + 1 }))
  rename('meta', 'metaGone')
  await live.reload('poll')
  expect(live.current()).toBe(before)
  expect(live.reloadFailures).toBe(1)
  rename('metaGone', 'meta')
  await live.reload('poll')

  expect(live.record.epoch).toBe(3)
  expect(live.reloads).toBe(2)
})
