import { createKeyRingRecord, type KeyRingRecord, revokeKey, rotateKeys, settleStates } from '@holdfast/core'
import { expect, test } from 'vitest'
import { fitKeyRing, type KeyNeeds, lossFaults, readKeyNeeds } from '../src/key-needs.ts'
import type { KnownKeyRing } from '../src/known-key-ring.ts'
import { rememberKeyRing } from '../src/known-key-ring.ts'
import { addSignIn } from './live-records.ts'
import { openTemporaryStore } from './temporary-store.ts'

const nowMs = 1_700_000_000_000
const place = { nowMs, source: '/srv/secret_key.txt' }

const ring = createKeyRingRecord(nowMs - 1_000)
const rotated = settleStates(rotateKeys(ring, { nowMs, signsFromMs: nowMs }), nowMs)
const [older = '', newer = ''] = rotated.keys.map(({ kid }) => kid)
const other = createKeyRingRecord(nowMs)

const use = (kid: string) => ({ kid, signIns: 2, verifications: 1, mails: 3, untilMs: nowMs + 1 })
const known = ({ ringId, epoch, keys }: KeyRingRecord, ...revokedKids: string[]): KnownKeyRing => ({
  ringId,
  epoch,
  kids: keys.map(({ kid }) => kid),
  revokedKids,
})
const needs = (knownRing: KnownKeyRing | undefined, ...kids: string[]): KeyNeeds => ({
  uses: kids.map(use),
  known: knownRing,
})

test.each<[string, KeyNeeds, KeyRingRecord]>([
  ['a new store', needs(undefined), ring],
  ['a store that needs nothing', needs(known(ring)), ring],
  ['a store whose keys are all there', needs(known(rotated), older, newer), rotated],
  ['a store that was last used before a rotation', needs(known(ring), older), rotated],
  ['a store without live records that knew another ring', needs(known(other)), ring],
])('a ring fits %s without a fault', (_name, given, record) => {
  expect(fitKeyRing(given, record, place)).toMatchObject({
    missing: [],
    revoked: [],
    faults: [],
    revivals: [],
  })
})

test('a key that is needed and gone is one fault, which names it, its place, the counts and both remedies', () => {
  const fit = fitKeyRing(needs(known(rotated), older, newer), ring, place)

  expect(fit).toMatchObject({ missing: [use(newer)], revoked: [], isForeign: false, revivals: [] })
  expect(fit.faults).toEqual([
    `key ${newer} is missing from /srv/secret_key.txt and still needed (sign-ins: 2, verifications: 1, unsent mails: 3): bring the key back, or sign those people out with --accept-key-loss`,
  ])
})

test('a ring that has none of the known keys is foreign, and says so besides what is missing', () => {
  const fit = fitKeyRing(needs(known(ring), older), other, place)

  expect(fit).toMatchObject({ missing: [use(older)], isForeign: true })
  expect(fit.faults).toHaveLength(2)
  expect(fit.faults[1]).toContain(`this store belongs to key ring ${ring.ringId}`)
})

test('a ring under another id that has a known key is not foreign', () => {
  const moved = { ...rotated, ringId: other.ringId }

  expect(fitKeyRing(needs(known(ring), older), moved, place)).toMatchObject({ isForeign: false, faults: [] })
})

test('a key that the ring has revoked is to be ended, and is no fault', () => {
  const record = revokeKey(rotated, older, { nowMs })

  expect(fitKeyRing(needs(known(rotated), older, newer), record, place)).toMatchObject({
    missing: [],
    revoked: [use(older)],
    faults: [],
  })
})

test('a key that was revoked once and is in the ring again is a fault, needed or not', () => {
  for (const given of [needs(known(rotated, older)), needs(known(rotated, older), older)]) {
    const { faults, revivals, missing } = fitKeyRing(given, rotated, place)

    expect(missing).toEqual([])
    expect(faults).toEqual(revivals)
    expect(faults).toEqual([
      expect.stringMatching(
        new RegExp(`^key ${older} was revoked and is in .* again.*keys revoke ${older}$`),
      ),
    ])
  }
})

test('a key whose time to verify is over counts as missing', () => {
  const ended = {
    ...rotated,
    keys: rotated.keys.map((key) => (key.kid === older ? { ...key, verifiesUntilMs: nowMs } : key)),
  }

  expect(fitKeyRing(needs(known(rotated), older), ended, place).missing).toEqual([use(older)])
  expect(fitKeyRing(needs(known(rotated), older), ended, { ...place, nowMs: nowMs - 1 }).missing).toEqual([])
})

test('nothing missing is no fault, whatever the store knew', () => {
  expect(lossFaults([], place.source, known(ring))).toEqual([])
})

test('the needs of a store are its uses and the ring it knows, read together', async () => {
  await using opened = await openTemporaryStore()
  expect(await readKeyNeeds(opened.store, { nowMs, idleMs: 1_000 })).toEqual({ uses: [], known: undefined })
  await addSignIn(opened.store, { nowMs, kid: older })
  await opened.store.write(...rememberKeyRing(ring))

  expect(await readKeyNeeds(opened.store, { nowMs, idleMs: 1_000 })).toEqual({
    uses: [{ kid: older, signIns: 1, verifications: 0, mails: 0, untilMs: nowMs + 3_600_000 }],
    known: { ringId: ring.ringId, epoch: 1, kids: [older], revokedKids: [] },
  })
})
