import { beforeEach, expect, test } from 'vitest'
import { endKeyUse } from '../src/end-key-use.ts'
import { countKeyUse } from '../src/key-use.ts'
import type { SqliteStore } from '../src/sqlite-store.ts'
import { addBlob, addMail, addSignIn, addVerification } from './live-records.ts'
import { dumpStore, readStore } from './store-dump.ts'
import { openTemporaryStore } from './temporary-store.ts'

const nowMs = 1_700_000_000_000
const bad = 'badbadba'
const good = 'goodgood'

let store: SqliteStore
let path: string

beforeEach(async () => {
  const opened = await openTemporaryStore()
  store = opened.store
  path = opened.path
  return () => opened[Symbol.asyncDispose]()
})

const ledger = () =>
  readStore(path, 'SELECT atMs, event, verificationId, signInId, kid, reason FROM ledger ORDER BY id')
const usesOfBad = async () =>
  (await countKeyUse(store, { nowMs, idleMs: 1_000 })).filter(({ kid }) => kid === bad)

test('a live sign-in with the key is ended by the operator, with a row that names key and reason', async () => {
  const id = await addSignIn(store, { nowMs, kid: bad })

  const ended = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs: nowMs + 5, reason: 'key_revoked' })

  expect(ended).toEqual({ signIns: 1, verifications: 0, mails: 0 })
  expect(readStore(path, 'SELECT endedAtMs, endReason FROM signIns')).toEqual([
    { endedAtMs: nowMs + 5, endReason: 'ended_by_operator' },
  ])
  expect(ledger()).toEqual([
    {
      atMs: nowMs + 5,
      event: 'sign_in_ended',
      verificationId: null,
      signInId: id,
      kid: bad,
      reason: 'key_revoked',
    },
  ])
})

test('a pending verification with the key is cancelled, and its mails are not sent, whatever they are sealed with', async () => {
  const verificationId = await addVerification(store, { nowMs, kid: bad, sends: 2 })
  await addMail(store, { nowMs, kid: bad, verificationId, number: 1 })
  await addMail(store, { nowMs, kid: good, verificationId, number: 2 })

  const ended = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_unknown' })

  expect(ended).toEqual({ signIns: 0, verifications: 1, mails: 2 })
  expect(readStore(path, 'SELECT state FROM verifications')).toEqual([{ state: 'cancelled' }])
  expect(readStore(path, 'SELECT sealed, delivery FROM codes')).toEqual([
    { sealed: null, delivery: 'failed' },
    { sealed: null, delivery: 'failed' },
  ])
  expect(ledger()).toEqual([
    {
      atMs: nowMs,
      event: 'verification_cancelled',
      verificationId,
      signInId: null,
      kid: bad,
      reason: 'key_unknown',
    },
  ])
})

test('a resent mail that is sealed with the key goes, and its verification under another key stays', async () => {
  const verificationId = await addVerification(store, { nowMs, kid: good, sends: 2 })
  await addMail(store, { nowMs, kid: good, verificationId, number: 1 })
  await addMail(store, { nowMs, kid: bad, verificationId, number: 2 })

  const ended = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_revoked' })

  expect(ended).toEqual({ signIns: 0, verifications: 0, mails: 1 })
  expect(readStore(path, 'SELECT state FROM verifications')).toEqual([{ state: 'pending' }])
  expect(readStore(path, 'SELECT sealed IS NULL AS isWiped, delivery FROM codes ORDER BY number')).toEqual([
    { isWiped: 0, delivery: 'queued' },
    { isWiped: 1, delivery: 'failed' },
  ])
  expect(ledger()).toMatchObject([
    { event: 'code_not_deliverable', verificationId, kid: bad, reason: 'key_revoked' },
  ])
})

test('a verification that has succeeded gives its answer no second time, and the sign-in it led to stays', async () => {
  await addVerification(store, {
    nowMs,
    kid: bad,
    state: 'verified',
    verifiedAtMs: nowMs,
    acceptedMac: 'mac',
  })
  await addSignIn(store, { nowMs, kid: good })

  await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_unknown' })

  expect(await usesOfBad()).toEqual([])
  expect(readStore(path, 'SELECT state, acceptedMac FROM verifications')).toEqual([
    { state: 'verified', acceptedMac: null },
  ])
  expect(readStore(path, 'SELECT endedAtMs FROM signIns')).toEqual([{ endedAtMs: null }])
})

test('what is over already, or has another key, is left as it is', async () => {
  await addSignIn(store, { nowMs, kid: bad, endedAtMs: nowMs - 1, endReason: 'signed_out' })
  await addSignIn(store, { nowMs, kid: good })
  await addVerification(store, { nowMs, kid: bad, state: 'cancelled' })
  await addVerification(store, { nowMs, kid: bad, attempts: 5 })
  const pending = await addVerification(store, { nowMs, kid: good })
  await addMail(store, { nowMs, kid: good, verificationId: pending })
  const before = dumpStore(path)

  const ended = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_revoked' })

  expect(ended).toEqual({ signIns: 0, verifications: 0, mails: 0 })
  expect(dumpStore(path)).toEqual(before)
})

test('doing it again changes nothing, and after it nothing needs the key', async () => {
  await addSignIn(store, { nowMs, kid: bad })
  const verificationId = await addVerification(store, { nowMs, kid: bad })
  await addMail(store, { nowMs, kid: bad, verificationId })
  await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_revoked' })
  const after = dumpStore(path)

  const again = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs: nowMs + 60_000, reason: 'key_revoked' })

  expect(again).toEqual({ signIns: 0, verifications: 0, mails: 0 })
  expect(dumpStore(path)).toEqual(after)
  expect(await usesOfBad()).toEqual([])
})

test('several keys are ended in one step, each record with its own kid in the ledger', async () => {
  await addSignIn(store, { nowMs, kid: bad })
  await addSignIn(store, { nowMs, kid: 'worsewor' })
  await addSignIn(store, { nowMs, kid: good })

  expect(
    await endKeyUse(store, [bad, 'worsewor'], { idleMs: 1_000, nowMs, reason: 'key_revoked' }),
  ).toMatchObject({
    signIns: 2,
  })
  expect(ledger().map(({ kid }) => kid)).toEqual([bad, 'worsewor'])
})

test('no key at all ends nothing and writes nothing', async () => {
  await addSignIn(store, { nowMs, kid: good })
  const before = dumpStore(path)

  expect(await endKeyUse(store, [], { idleMs: 1_000, nowMs, reason: 'key_revoked' })).toEqual({
    signIns: 0,
    verifications: 0,
    mails: 0,
  })
  expect(dumpStore(path)).toEqual(before)
})

test('a sign-in whose blob alone is sealed with the key ends too: nobody can open its session', async () => {
  await addSignIn(store, { nowMs, kid: good, sessionKey: 'session' })
  await addBlob(store, { sessionKey: 'session', kid: bad })

  const ended = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_revoked' })

  expect(ended.signIns).toBe(1)
  expect(await usesOfBad()).toEqual([])
})

test('what had expired or idled out is not said to be ended by an operator', async () => {
  await addSignIn(store, { nowMs, kid: bad, expiresAtMs: nowMs })
  await addSignIn(store, { nowMs, kid: bad, lastSeenAtMs: nowMs - 1_000 })

  const ended = await endKeyUse(store, [bad], { idleMs: 1_000, nowMs, reason: 'key_revoked' })

  expect(ended.signIns).toBe(0)
})
