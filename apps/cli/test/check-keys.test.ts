import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { revokeKey } from '@holdfast/core'
import { rememberKeyRing } from '@holdfast/store'
import { addSignIn, addVerification, dumpStore } from '@holdfast/store/testing'
import { describe, expect, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { dayMs, hourMs, keyAt, ringOfAges } from './rings.ts'
import { production, startServer } from './server-start.ts'

const otherKey = randomBytes(32).toString('hex')

interface Scene {
  what: string
  env?: Record<string, string>
  prepare(holdfast: Installation): Promise<unknown>
  /** What the check and the start say, in each posture. */
  development: { exitCode: number; faults: RegExp[] }
  production: { exitCode: number; faults: RegExp[] }
}

const filed = { SECRET_KEY_SOURCE: 'file:data/secret_key.txt' }

const scenes: Scene[] = [
  {
    what: 'a ring that fits the store',
    async prepare(holdfast) {
      const ring = ringOfAges(hourMs)
      await holdfast.putRing(ring)
      await addSignIn(await holdfast.openStore(), { nowMs: Date.now(), kid: keyAt(ring, 0).kid })
    },
    development: { exitCode: 0, faults: [] },
    production: { exitCode: 0, faults: [] },
  },
  {
    what: 'nothing at all',
    prepare: async () => {},
    development: { exitCode: 0, faults: [] },
    production: { exitCode: 0, faults: [] },
  },
  {
    what: 'a ring without two keys that people need',
    async prepare(holdfast) {
      await holdfast.putRing(ringOfAges(hourMs))
      const store = await holdfast.openStore()
      await addSignIn(store, { nowMs: Date.now(), kid: 'aaaaaaaa' })
      await addVerification(store, { nowMs: Date.now(), kid: 'bbbbbbbb' })
    },
    development: { exitCode: 0, faults: [/^key aaaaaaaa is missing from .*sign-ins: 1/, /^key bbbbbbbb/] },
    production: { exitCode: 78, faults: [/^key aaaaaaaa is missing from .*sign-ins: 1/, /^key bbbbbbbb/] },
  },
  {
    what: 'the ring of another installation',
    async prepare(holdfast) {
      await holdfast.putRing(ringOfAges(hourMs))
      const store = await holdfast.openStore()
      const theirs = ringOfAges(hourMs)
      await store.write(...rememberKeyRing(theirs))
      await addSignIn(store, { nowMs: Date.now(), kid: keyAt(theirs, 0).kid })
    },
    development: { exitCode: 0, faults: [/^key .* is missing/, /^this store belongs to key ring/] },
    production: { exitCode: 78, faults: [/^key .* is missing/, /^this store belongs to key ring/] },
  },
  {
    what: 'a ring that was deleted while people need its key',
    async prepare(holdfast) {
      const store = await holdfast.openStore()
      await addSignIn(store, { nowMs: Date.now(), kid: 'aaaaaaaa' })
    },
    development: { exitCode: 0, faults: [/^key aaaaaaaa is missing/] },
    production: { exitCode: 78, faults: [/^key ring: .* does not exist/, /^key aaaaaaaa is missing/] },
  },
  {
    what: 'a revoked key that is back from an older copy',
    async prepare(holdfast) {
      const ring = ringOfAges(2 * hourMs, hourMs)
      await holdfast.putRing(ring)
      const store = await holdfast.openStore()
      const revoked = revokeKey(ring, keyAt(ring, 0).kid, { nowMs: Date.now() })
      await store.write(...rememberKeyRing(revoked))
    },
    development: { exitCode: 0, faults: [/was revoked and is in .* again/] },
    production: { exitCode: 78, faults: [/was revoked and is in .* again/] },
  },
  {
    what: 'a key file that others can read',
    async prepare(holdfast) {
      await mkdir(holdfast.dataFolder)
      await writeFile(holdfast.keyFile, otherKey, { mode: 0o644 })
    },
    development: { exitCode: 0, faults: [/can be read by other users.*chmod 600/] },
    production: { exitCode: 78, faults: [/can be read by other users.*chmod 600/] },
  },
  {
    what: 'a ring that was cut short',
    async prepare(holdfast) {
      await holdfast.putRing(ringOfAges(hourMs))
      const whole = await readFile(holdfast.keyFile, 'utf8')
      await writeFile(holdfast.keyFile, whole.slice(0, -20))
      await addSignIn(await holdfast.openStore(), { nowMs: Date.now(), kid: 'aaaaaaaa' })
    },
    development: { exitCode: 78, faults: [/^key ring: .*does not parse/, /^key aaaaaaaa is missing/] },
    production: { exitCode: 78, faults: [/^key ring: .*does not parse/, /^key aaaaaaaa is missing/] },
  },
  {
    what: 'a wrapped ring that is not there',
    env: { SECRET_KEY_SOURCE: 'vault:' },
    prepare: async () => {},
    development: { exitCode: 78, faults: [/^key ring: .*secret_key\.wrapped\.json does not exist/] },
    production: { exitCode: 78, faults: [/^key ring: .*secret_key\.wrapped\.json does not exist/] },
  },
]

describe.each(scenes)('check of $what', ({ env = filed, prepare, ...expected }) => {
  test.each(['development', 'production'] as const)(
    'says in %s what the start then says, and changes nothing',
    async (posture) => {
      const posed = posture === 'production' ? { ...production, ...env } : env
      const holdfast = await createInstallation(posed)
      await prepare(holdfast)
      const before = await stateOf(holdfast)

      const [text, json] = await Promise.all([
        holdfast.holdfast('keys check'),
        holdfast.holdfast('keys check --json'),
      ])

      expect(await stateOf(holdfast)).toEqual(before)
      const { exitCode, faults } = expected[posture]
      expect(text.exitCode).toBe(exitCode)
      expect(json.exitCode).toBe(exitCode)
      expect(json.json).toMatchObject({ ok: exitCode === 0, starts: exitCode === 0 })
      expect(json.json.faults).toEqual(faults.map((fault) => expect.stringMatching(fault)))
      for (const fault of json.json.faults as string[]) expect(text.stdout).toContain(`\n  ${fault}\n`)

      const start = await startServer(holdfast, posed)
      expect({ exitCode: start.exitCode, faults: start.faults }).toEqual({
        exitCode,
        faults: json.json.faults,
      })
    },
  )
})

test('check in production without a named source refuses in the words of the start', async () => {
  const holdfast = await createInstallation(production)
  await holdfast.putRing(ringOfAges(hourMs))

  const check = await holdfast.holdfast('keys check --json')

  expect(check.exitCode).toBe(78)
  expect(check.json.faults).toEqual((await startServer(holdfast, production)).faults)
  expect(check.json.faults).toEqual([expect.stringMatching(/^SECRET_KEY: production needs a key source/)])
})

test('check names the ring and the key that signs', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()

  expect((await holdfast.holdfast('keys check')).stdout).toBe(
    `The next start would take key ring ${ring.ringId}, epoch 2, from ${holdfast.keyFile}; key ${keyAt(ring, 1).kid} signs.\n`,
  )
})

test('check says that a start would make the ring, and makes none', async () => {
  const holdfast = await createInstallation()

  const check = await holdfast.holdfast('keys check')

  expect(check.stdout).toContain(
    `The next start would make a key ring in ${holdfast.keyFile}: there is none.\n`,
  )
  expect(check.stdout).toContain(`Note: there is no store at ${holdfast.storePath}`)
  expect(await readdir(holdfast.folder)).toEqual([])
})

test.each([
  { days: 71, notes: [] },
  { days: 73, notes: [expect.stringMatching(/ is 73 d old: rotate every 90 d/)] },
])('check of a signing key of $days days notes its age from 80 % of 90 days', async ({ days, notes }) => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(days * dayMs))
  await holdfast.openStore()

  expect((await holdfast.holdfast('keys check --json')).json.warnings).toEqual(notes)
})

test('check notes a clock that is before every key', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(-dayMs))
  await holdfast.openStore()

  expect((await holdfast.holdfast('keys check')).stdout).toContain(
    'Note: no key is due to sign, so the nearest one does: is the clock right?\n',
  )
})

test('check counts what the next start ends because its key is revoked', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  const { kid } = keyAt(ring, 0)
  await holdfast.putRing(revokeKey(ring, kid, { nowMs: Date.now() }))
  await addSignIn(await holdfast.openStore(), { nowMs: Date.now(), kid })

  const check = await holdfast.holdfast('keys check')

  expect(check.exitCode).toBe(0)
  expect(check.stdout).toContain(
    `Note: the next start ends what revoked key ${kid} had signed (sign-ins: 1, verifications: 0, unsent mails: 0)\n`,
  )
})

async function stateOf({ keyFile, storePath }: Installation) {
  const keys = await readFile(keyFile, 'utf8').catch(() => undefined)
  try {
    return { keys, store: dumpStore(storePath) }
  } catch {
    return { keys }
  }
}
