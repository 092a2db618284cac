import { describe, expect, test } from 'vitest'
import { countKeyUse, describeKeyUse } from '../src/key-use.ts'
import { addBlob, addMail, addSignIn, addVerification } from './live-records.ts'
import { openTemporaryStore } from './temporary-store.ts'

const nowMs = 1_700_000_000_000
const idleMs = 1_000_000
const kid = 'aaaaaaaa'
const hourMs = 3_600_000

const nothing = { kid, signIns: 0, verifications: 0, mails: 0 }

describe('a sign-in', () => {
  test.each([
    ['that was used just now', {}, nowMs + hourMs],
    ['in its last millisecond', { expiresAtMs: nowMs + 1 }, nowMs + 1],
    ['in the last millisecond before it idles out', { lastSeenAtMs: nowMs - idleMs + 1 }, nowMs + hourMs],
    ['that was seen in the future, by a clock that ran ahead', { lastSeenAtMs: nowMs + 500 }, nowMs + hourMs],
  ])('%s needs its key', async (_name, changes, untilMs) => {
    await using opened = await openTemporaryStore()
    await addSignIn(opened.store, { nowMs, kid, ...changes })

    expect(await countKeyUse(opened.store, { nowMs, idleMs })).toEqual([{ ...nothing, signIns: 1, untilMs }])
  })

  test.each([
    ['at its end', { expiresAtMs: nowMs }],
    ['that idled out this millisecond', { lastSeenAtMs: nowMs - idleMs }],
    ['that was ended', { endedAtMs: nowMs - 1, endReason: 'signed_out' as const }],
  ])('%s needs none', async (_name, changes) => {
    await using opened = await openTemporaryStore()
    await addSignIn(opened.store, { nowMs, kid, ...changes })

    expect(await countKeyUse(opened.store, { nowMs, idleMs })).toEqual([])
  })
})

describe('a session blob that is sealed with another key than its token names', () => {
  test.each([
    ['needs its own key too', {}, 1],
    ['needs nothing once its sign-in has ended', { endedAtMs: nowMs - 1 }, 0],
  ])('%s', async (_name, changes, signIns) => {
    await using opened = await openTemporaryStore()
    await addSignIn(opened.store, { nowMs, kid: 'bbbbbbbb', sessionKey: 'session', ...changes })
    await addBlob(opened.store, { sessionKey: 'session', kid })

    const uses = await countKeyUse(opened.store, { nowMs, idleMs })

    expect(uses.filter((use) => use.kid === kid)).toEqual(
      signIns === 0 ? [] : [{ ...nothing, signIns, untilMs: nowMs + hourMs }],
    )
  })

  test('and its token are one need when they have the same key', async () => {
    await using opened = await openTemporaryStore()
    await addSignIn(opened.store, { nowMs, kid, sessionKey: 'session' })
    await addBlob(opened.store, { sessionKey: 'session', kid })

    expect(await countKeyUse(opened.store, { nowMs, idleMs })).toMatchObject([{ kid, signIns: 1 }])
  })
})

describe('a verification', () => {
  test.each([
    ['that is pending', {}, nowMs + hourMs],
    ['in its last millisecond', { expiresAtMs: nowMs + 1 }, nowMs + 1],
    ['with one try left', { attempts: 4 }, nowMs + hourMs],
  ])('%s needs its key', async (_name, changes, untilMs) => {
    await using opened = await openTemporaryStore()
    await addVerification(opened.store, { nowMs, kid, ...changes })

    expect(await countKeyUse(opened.store, { nowMs, idleMs })).toEqual([
      { ...nothing, verifications: 1, untilMs },
    ])
  })

  test.each([
    ['at its end', { expiresAtMs: nowMs }],
    ['that was cancelled', { state: 'cancelled' as const }],
    ['whose tries are spent', { attempts: 5 }],
  ])('%s needs none', async (_name, changes) => {
    await using opened = await openTemporaryStore()
    await addVerification(opened.store, { nowMs, kid, ...changes })

    expect(await countKeyUse(opened.store, { nowMs, idleMs })).toEqual([])
  })
})

describe('a verification that led to a sign-in under a newer key', () => {
  const newer = 'newnewne'
  const verified = { state: 'verified' as const, verifiedAtMs: nowMs, acceptedMac: 'mac' }

  test.each([
    ['just now', {}, nowMs + 60_000],
    ['at its last try, which is given back', { attempts: 4 }, nowMs + 60_000],
    ['a minute ago but for 1 ms', { verifiedAtMs: nowMs - 59_999 }, nowMs + 1],
    ['with a code that has expired since', { expiresAtMs: nowMs - 1 }, nowMs + 60_000],
  ])('%s needs its own key too: the answer may have been lost', async (_name, changes, untilMs) => {
    await using opened = await openTemporaryStore()
    const verificationId = await addVerification(opened.store, { nowMs, kid, ...verified, ...changes })
    await addSignIn(opened.store, { nowMs, kid: newer, verificationId })

    const uses = await countKeyUse(opened.store, { nowMs, idleMs })

    expect(uses).toContainEqual({ ...nothing, verifications: 1, untilMs })
    expect(uses).toContainEqual({ ...nothing, kid: newer, signIns: 1, untilMs: nowMs + hourMs })
  })

  test.each([
    ['a minute ago', { verifiedAtMs: nowMs - 60_000 }, {}],
    ['and may not be repeated', { acceptedMac: null }, {}],
    ['and then had its last tries spent', { attempts: 5 }, {}],
    ['whose token has come back', {}, { authTimeMs: nowMs - 1 }],
    ['that was ended', {}, { endedAtMs: nowMs, endReason: 'signed_out' as const }],
  ])('%s needs its own key no more', async (_name, changes, ofSignIn) => {
    await using opened = await openTemporaryStore()
    const verificationId = await addVerification(opened.store, { nowMs, kid, ...verified, ...changes })
    await addSignIn(opened.store, { nowMs, kid: newer, verificationId, ...ofSignIn })

    const uses = await countKeyUse(opened.store, { nowMs, idleMs })

    expect(uses.filter((use) => use.kid === kid)).toEqual([])
  })
})

test('a verification and the sign-in it led to under the same key are one need', async () => {
  await using opened = await openTemporaryStore()
  const verified = { state: 'verified' as const, verifiedAtMs: nowMs, acceptedMac: 'mac' }
  const verificationId = await addVerification(opened.store, { nowMs, kid, ...verified })
  await addSignIn(opened.store, { nowMs, kid, verificationId })

  expect(await countKeyUse(opened.store, { nowMs, idleMs })).toEqual([
    { ...nothing, signIns: 1, untilMs: nowMs + hourMs },
  ])
})

describe('a mail', () => {
  test('that is not handed over needs the key of its seal, which a resent code has from the time of the resend', async () => {
    await using opened = await openTemporaryStore()
    const verificationId = await addVerification(opened.store, { nowMs, kid: 'oldoldol', sends: 2 })
    await addMail(opened.store, { nowMs, verificationId, kid: 'oldoldol', number: 1, sealed: null })
    await addMail(opened.store, { nowMs, verificationId, kid: 'newnewne', number: 2 })

    const uses = await countKeyUse(opened.store, { nowMs, idleMs })

    expect(uses).toEqual([
      { kid: 'oldoldol', signIns: 0, verifications: 1, mails: 0, untilMs: nowMs + hourMs },
      { kid: 'newnewne', signIns: 0, verifications: 0, mails: 1, untilMs: nowMs + hourMs },
    ])
  })

  test.each([
    ['was handed over', 0, { sealed: null }],
    ['is in its last millisecond', 1, { expiresAtMs: nowMs + 1 }],
    ['has expired', 0, { expiresAtMs: nowMs }],
    ['is delayed', 1, { delivery: 'delayed' as const }],
  ])('that %s counts %i', async (_name, mails, changes) => {
    await using opened = await openTemporaryStore()
    const verificationId = await addVerification(opened.store, { nowMs, kid: 'oldoldol' })
    await addMail(opened.store, { nowMs, verificationId, kid, ...changes })

    const uses = await countKeyUse(opened.store, { nowMs, idleMs })

    expect(uses.filter((use) => use.kid === kid).map((use) => use.mails)).toEqual(mails === 0 ? [] : [mails])
  })
})

test('all records of one key are one use, which lasts as long as the last of them', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  await addSignIn(store, { nowMs, kid, expiresAtMs: nowMs + 10 })
  await addSignIn(store, { nowMs, kid, expiresAtMs: nowMs + 30 })
  await addSignIn(store, { nowMs, kid: 'bbbbbbbb', expiresAtMs: nowMs + 99 })
  const verificationId = await addVerification(store, { nowMs, kid, expiresAtMs: nowMs + 20 })
  await addMail(store, { nowMs, kid, verificationId, expiresAtMs: nowMs + 15 })

  const uses = await countKeyUse(store, { nowMs, idleMs })

  expect(uses).toHaveLength(2)
  expect(uses).toContainEqual({ kid, signIns: 2, verifications: 1, mails: 1, untilMs: nowMs + 30 })
  expect(uses).toContainEqual({ ...nothing, kid: 'bbbbbbbb', signIns: 1, untilMs: nowMs + 99 })
})

test('a use is described with all three counts', () => {
  expect(describeKeyUse({ kid, signIns: 2, verifications: 1, mails: 0, untilMs: 0 })).toBe(
    'sign-ins: 2, verifications: 1, unsent mails: 0',
  )
})
