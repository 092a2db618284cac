import { readFile } from 'node:fs/promises'
import { revokeKey, rotateKeys } from '@holdfast/core'
import { addSignIn, addVerification, readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'

async function expectRefusal(holdfast: Installation, args: string, says: RegExp, exitCode = 1) {
  const before = await readFile(holdfast.keyFile, 'utf8')
  const run = await holdfast.holdfast(args)
  expect(run.stderr).toMatch(says)
  expect(run.stderr.match(/\n/g)).toHaveLength(1)
  expect(run.exitCode).toBe(exitCode)
  expect(run.stdout).toBe('')
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
}

test('retire destroys the secret of a key that nobody needs', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()
  const { kid } = keyAt(ring, 0)

  const { exitCode, stdout } = await holdfast.holdfast(`keys retire ${kid}`)

  expect(exitCode).toBe(0)
  expect(stdout).toBe(
    `Key ${kid} is retired and its secret is gone from ${holdfast.keyFile}. Nothing alive needed it.\n`,
  )
  expect(await holdfast.readRing()).toMatchObject({
    epoch: 3,
    keys: [{ kid, state: 'retired', secret: null }, { state: 'active' }],
  })
  expect(readStore(holdfast.storePath, 'SELECT event, kid FROM ledger')).toEqual([
    { event: 'key_retired', kid },
  ])
})

test('retire refuses while somebody needs the key, with counts and until when', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  const store = await holdfast.openStore()
  const { kid } = keyAt(ring, 0)
  const nowMs = Date.now()
  await addSignIn(store, { nowMs, kid })
  await addVerification(store, { nowMs, kid, expiresAtMs: nowMs + 600_000 })
  const until = new Date(nowMs + hourMs).toISOString().replace(/\.\d+Z/, 'Z')

  await expectRefusal(
    holdfast,
    `keys retire ${kid}`,
    new RegExp(
      `^holdfast: key ${kid} is still needed \\(sign-ins: 1, verifications: 1, unsent mails: 0\\), until ${until} .*--later.*keys revoke ${kid}\n$`,
    ),
  )
  const { exitCode, json } = await holdfast.holdfast(`keys retire ${kid} --json`)
  expect(exitCode).toBe(1)
  expect(json).toEqual({
    ok: false,
    faults: [expect.stringContaining('still needed')],
    kid,
    until,
    signIns: 1,
    verifications: 1,
    mails: 0,
  })
})

test('retire --later lets the key verify until then, and it ends by itself', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  const nowMs = Date.now()
  const { kid } = keyAt(ring, 0)
  await addSignIn(await holdfast.openStore(), { nowMs, kid })

  const { exitCode, stdout } = await holdfast.holdfast(`keys retire ${kid} --later`)

  expect(exitCode).toBe(0)
  expect(stdout).toContain(
    `Key ${kid} verifies until ${new Date(nowMs + hourMs).toISOString().slice(0, 19)}Z`,
  )
  expect(keyAt(await holdfast.readRing(), 0)).toMatchObject({
    kid,
    state: 'retired',
    secret: keyAt(ring, 0).secret,
    verifiesUntilMs: nowMs + hourMs,
  })
  expect((await holdfast.holdfast('keys list')).stdout).toMatch(
    / retired +2 h +no more +for 5\d min +sign-ins: 1/,
  )
})

test('retire refuses while a process may still sign with the key, though nobody needs it', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '3600' })
  const ring = ringOfAges(hourMs, 1_000)
  await holdfast.putRing(ring)
  await holdfast.openStore()
  const { kid } = keyAt(ring, 0)

  await expectRefusal(
    holdfast,
    `keys retire ${kid}`,
    new RegExp(
      `^holdfast: a process that has not loaded the newer key yet may still sign with key ${kid}, until `,
    ),
  )
  expect((await holdfast.holdfast(`keys retire ${kid} --later`)).exitCode).toBe(0)
})

test('retire refuses the key that signs, one that is staged, a revoked one and one that is not there', async () => {
  const holdfast = await createInstallation()
  const nowMs = Date.now()
  const ring = ringOfAges(3 * hourMs, 2 * hourMs)
  const revoked = revokeKey(ring, keyAt(ring, 0).kid, { nowMs })
  const staged = rotateKeys(revoked, { nowMs, signsFromMs: nowMs + hourMs })
  await holdfast.putRing(staged)
  await holdfast.openStore()
  const ofFile = `^holdfast: ${holdfast.keyFile} `
  const takesOver = new Date(nowMs + hourMs).toISOString()

  for (const [index, says] of [
    [0, 'has revoked key \\w{8} already'],
    [1, `needs key \\w{8}: it signs until ${takesOver}, when \\w{8} takes over: retire it after that`],
    [2, `needs key \\w{8}: it is to sign from ${takesOver}, and only \`revoke\` takes it back`],
  ] as const) {
    await expectRefusal(holdfast, `keys retire ${keyAt(staged, index).kid}`, new RegExp(ofFile + says))
  }
  const kids = staged.keys.map((key) => key.kid).join(', ')
  await expectRefusal(
    holdfast,
    'keys retire aaaaaaaa',
    new RegExp(`${ofFile}has no key aaaaaaaa; it has ${kids}\n$`),
  )
})

test('retire twice says the same', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()
  const { kid } = keyAt(ring, 0)

  const first = await holdfast.holdfast(`keys retire ${kid}`)
  const second = await holdfast.holdfast(`keys retire ${kid}`)

  expect(second).toMatchObject({ exitCode: 0, stdout: first.stdout })
})

test('retire refuses without a store, because nobody can tell who needs the key', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)

  await expectRefusal(
    holdfast,
    `keys retire ${keyAt(ring, 0).kid}`,
    new RegExp(
      `^holdfast: there is no store at ${holdfast.storePath}, so nobody can tell .*DATA_DIR or STORE_URL`,
    ),
    78,
  )
})
