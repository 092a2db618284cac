import { readFile } from 'node:fs/promises'
import { addMail, addSignIn, addVerification, dumpStore, readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'

/** Two sign-ins, a verification and its mail under the older key; a sign-in under the one that signs. */
async function fill(holdfast: Installation) {
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const [older, signing] = [keyAt(ring, 0).kid, keyAt(ring, 1).kid]
  await addSignIn(store, { nowMs, kid: older })
  await addSignIn(store, { nowMs, kid: older })
  await addSignIn(store, { nowMs, kid: signing })
  const verificationId = await addVerification(store, { nowMs, kid: older })
  await addMail(store, { nowMs, kid: older, verificationId })
  return { older, signing }
}

const liveSignIns = (path: string) => readStore(path, 'SELECT kid FROM signIns WHERE endedAtMs IS NULL')

test('revoke destroys the key and ends what it signed, and nothing else', async () => {
  const holdfast = await createInstallation()
  const { older, signing } = await fill(holdfast)

  const { exitCode, stdout } = await holdfast.holdfast(`keys revoke ${older}`)

  expect(exitCode).toBe(0)
  expect(stdout).toBe(
    `Key ${older} is revoked. Ended: sign-ins: 2, verifications: 1, unsent mails: 1. Key ${signing} signs.\n` +
      'Every process follows within 30 s, or at once on SIGHUP, and ends what was signed meanwhile.\n',
  )
  expect((await holdfast.readRing()).keys).toMatchObject([
    { kid: older, state: 'revoked', secret: null },
    { kid: signing, state: 'active' },
  ])
  expect(liveSignIns(holdfast.storePath)).toEqual([{ kid: signing }])
  expect(readStore(holdfast.storePath, 'SELECT state FROM verifications')).toEqual([{ state: 'cancelled' }])
  expect(readStore(holdfast.storePath, 'SELECT sealed FROM codes')).toEqual([{ sealed: null }])
  expect(readStore(holdfast.storePath, 'SELECT event, kid, reason FROM ledger ORDER BY id')).toEqual([
    { event: 'sign_in_ended', kid: older, reason: 'key_revoked' },
    { event: 'sign_in_ended', kid: older, reason: 'key_revoked' },
    { event: 'verification_cancelled', kid: older, reason: 'key_revoked' },
    { event: 'key_revoked', kid: older, reason: null },
  ])
})

test('revoke --dry-run says what would end and changes nothing', async () => {
  const holdfast = await createInstallation()
  const { older } = await fill(holdfast)
  const before = { ring: await readFile(holdfast.keyFile, 'utf8'), store: dumpStore(holdfast.storePath) }

  const text = await holdfast.holdfast(`keys revoke ${older} --dry-run`)
  const json = await holdfast.holdfast(`keys revoke ${older} --dry-run --json`)

  expect(text.exitCode).toBe(0)
  expect(text.stdout).toBe(
    `Revoking key ${older} would end sign-ins: 2, verifications: 1, unsent mails: 1. Nothing was changed.\n`,
  )
  expect(json.json).toEqual({
    ok: true,
    kid: older,
    dryRun: true,
    signIns: 2,
    verifications: 1,
    mails: 1,
  })
  const after = { ring: await readFile(holdfast.keyFile, 'utf8'), store: dumpStore(holdfast.storePath) }
  expect(after).toEqual(before)
})

test('revoke twice ends nothing more', async () => {
  const holdfast = await createInstallation()
  const { older, signing } = await fill(holdfast)

  const first = await holdfast.holdfast(`keys revoke ${older} --json`)
  const ring = await readFile(holdfast.keyFile, 'utf8')
  const second = await holdfast.holdfast(`keys revoke ${older} --json`)

  expect(first.json).toEqual({
    ok: true,
    kid: older,
    epoch: 3,
    signs: signing,
    signIns: 2,
    verifications: 1,
    mails: 1,
  })
  expect(second.json).toEqual({ ...first.json, signIns: 0, verifications: 0, mails: 0 })
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(ring)
  expect(liveSignIns(holdfast.storePath)).toEqual([{ kid: signing }])
})

test('revoke of the key that signs makes another, which signs at once', async () => {
  const holdfast = await createInstallation()
  const { signing } = await fill(holdfast)

  const { exitCode, json } = await holdfast.holdfast(`keys revoke ${signing} --json`)

  expect(exitCode).toBe(0)
  expect(json.signs).not.toBe(signing)
  expect((await holdfast.holdfast('keys list --json')).json.keys).toMatchObject([
    {},
    { kid: signing, state: 'revoked', needed: null },
    { kid: json.signs, state: 'active', signs: true },
  ])
})

test('revoke of the key that signs lets the staged one take over', async () => {
  const holdfast = await createInstallation()
  const { signing } = await fill(holdfast)
  const staged = (await holdfast.holdfast('keys rotate --json')).json.kid

  expect((await holdfast.holdfast(`keys revoke ${signing} --json`)).json.signs).toBe(staged)
  expect((await holdfast.readRing()).keys).toHaveLength(3)
})

test.each(['', ' --dry-run'])('revoke%s of a key that is not there is refused', async (option) => {
  const holdfast = await createInstallation()
  const { older, signing } = await fill(holdfast)
  const before = await readFile(holdfast.keyFile, 'utf8')

  const { exitCode, stderr, stdout } = await holdfast.holdfast(`keys revoke aaaaaaaa${option}`)

  expect(exitCode).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toBe(`holdfast: ${holdfast.keyFile} has no key aaaaaaaa; it has ${older}, ${signing}\n`)
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
  expect(liveSignIns(holdfast.storePath)).toHaveLength(3)
})

test('revoke without a store revokes all the same, and says that it saw none', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  const { kid } = keyAt(ring, 0)

  const { exitCode, stdout } = await holdfast.holdfast(`keys revoke ${kid}`)

  expect(exitCode).toBe(0)
  expect(stdout).toContain(`Note: there is no store at ${holdfast.storePath}: who needs a key is not known\n`)
  expect(keyAt(await holdfast.readRing(), 0)).toMatchObject({ state: 'revoked', secret: null })
})
