import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { revokeKey, rotateKeys } from '@holdfast/core'
import { addMail, addSignIn, addVerification } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'

test('list shows each key with its state, and who needs it until when', async () => {
  const holdfast = await createInstallation()
  const nowMs = Date.now()
  const ring = rotateKeys(ringOfAges(50 * hourMs, 3 * hourMs), { nowMs, signsFromMs: nowMs + hourMs })
  await holdfast.putRing(ring)
  const [older, active, staged] = [keyAt(ring, 0).kid, keyAt(ring, 1).kid, keyAt(ring, 2).kid]
  const store = await holdfast.openStore()
  await addSignIn(store, { nowMs, kid: older, expiresAtMs: nowMs + 5 * hourMs })
  await addSignIn(store, { nowMs, kid: older })
  await addSignIn(store, { nowMs, kid: older, endedAtMs: nowMs, endReason: 'signed_out' })
  const verificationId = await addVerification(store, { nowMs, kid: active })
  await addMail(store, { nowMs, kid: active, verificationId })

  const { exitCode, stdout } = await holdfast.holdfast('keys list')

  expect(exitCode).toBe(0)
  expect(stdout.split('\n')).toEqual([
    `Key ring ${ring.ringId}, epoch 3, from ${holdfast.keyFile}`,
    '',
    expect.stringMatching(/^kid +state +age +signs +verifies +needed by$/),
    expect.stringMatching(
      `^${older}  retired +2 d +no more +yes +sign-ins: 2, verifications: 0, unsent mails: 0, until ${isoTime(nowMs + 5 * hourMs)}$`,
    ),
    expect.stringMatching(
      `^${active}  active +3 h +now +yes +sign-ins: 0, verifications: 1, unsent mails: 1, until ${isoTime(nowMs + hourMs)}$`,
    ),
    expect.stringMatching(`^${staged}  staged +\\d+ (s|min) +in 5\\d min +yes +nobody$`),
    '',
  ])
})

test('list --json has the same for machines', async () => {
  const holdfast = await createInstallation()
  const nowMs = Date.now()
  const ring = ringOfAges(50 * hourMs, 3 * hourMs)
  await holdfast.putRing(ring)
  const { kid } = keyAt(ring, 0)
  await addSignIn(await holdfast.openStore(), { nowMs, kid })

  const { exitCode, json } = await holdfast.holdfast('keys list --json')

  expect(exitCode).toBe(0)
  expect(json).toEqual({
    ok: true,
    ringId: ring.ringId,
    epoch: 2,
    source: holdfast.keyFile,
    store: holdfast.storePath,
    keys: [
      {
        kid,
        state: 'retired',
        signs: false,
        verifies: true,
        ageSeconds: expect.any(Number),
        createdAt: isoTime(keyAt(ring, 0).createdAtMs ?? 0),
        signsFrom: isoTime(keyAt(ring, 0).signsFromMs),
        signsUntil: isoTime(keyAt(ring, 1).signsFromMs),
        verifiesUntil: null,
        needed: { kid, signIns: 1, verifications: 0, mails: 0, until: isoTime(nowMs + hourMs) },
      },
      expect.objectContaining({ kid: keyAt(ring, 1).kid, state: 'active', signs: true, needed: null }),
    ],
    missing: [],
  })
})

test('list names keys that are needed and not in the ring', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  const nowMs = Date.now()
  await addSignIn(await holdfast.openStore(), { nowMs, kid: 'aaaaaaaa' })

  expect((await holdfast.holdfast('keys list')).stdout).toContain(
    `\nKey aaaaaaaa is not in the ring and still needed: sign-ins: 1, verifications: 0, unsent mails: 0, until ${isoTime(nowMs + hourMs)}\n`,
  )
  expect((await holdfast.holdfast('keys list --json')).json.missing).toEqual([
    { kid: 'aaaaaaaa', signIns: 1, verifications: 0, mails: 0, until: isoTime(nowMs + hourMs) },
  ])
})

test('list counts nobody who has been idle for longer than SESSION_IDLE_SECONDS', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(hourMs)
  await holdfast.putRing(ring)
  const nowMs = Date.now()
  await addSignIn(await holdfast.openStore(), {
    nowMs,
    kid: keyAt(ring, 0).kid,
    lastSeenAtMs: nowMs - 90_000,
  })

  const idle = await holdfast.holdfast('keys list --json', { SESSION_IDLE_SECONDS: '60' })
  const alive = await holdfast.holdfast('keys list --json')

  expect(idle.json.keys).toMatchObject([{ needed: null }])
  expect(alive.json.keys).toMatchObject([{ needed: { signIns: 1 } }])
})

test('list shows what became of a revoked key', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  const { kid } = keyAt(ring, 0)
  await holdfast.putRing(revokeKey(ring, kid, { nowMs: Date.now() }))
  await holdfast.openStore()

  expect((await holdfast.holdfast('keys list')).stdout).toMatch(
    new RegExp(`^${kid}  revoked +2 h +no more +no more +nobody$`, 'm'),
  )
})

test.each([
  { what: 'a secret_key.txt of one line', isFile: true },
  { what: 'SECRET_KEY', isFile: false },
])('list reads $what as a ring of one key, whose age is not known', async ({ isFile }) => {
  const line = randomBytes(32).toString('hex')
  const holdfast = await createInstallation(isFile ? {} : { SECRET_KEY: line })
  await mkdir(holdfast.dataFolder)
  if (isFile) await writeFile(holdfast.keyFile, `${line}\n`, { mode: 0o600 })
  await holdfast.openStore()

  const { stdout } = await holdfast.holdfast('keys list')

  expect(stdout).toMatch(/^Key ring [a-z2-7]{8}, epoch 0, from /)
  expect(stdout).toMatch(/^[a-z2-7]{8} +active +not known +now +yes +nobody$/m)
  expect(stdout).not.toContain(line.slice(0, 8))
})

test('list without a store says that who needs a key is not known, and makes no store', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))

  const { exitCode, stdout } = await holdfast.holdfast('keys list')

  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/ yes +not known$/m)
  expect(stdout).toContain(
    `\nNote: there is no store at ${holdfast.storePath}: who needs a key is not known\n`,
  )
  expect((await holdfast.holdfast('keys list --json')).json).toMatchObject({ store: null })
  expect(existsSync(holdfast.storePath)).toBe(false)
})

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
