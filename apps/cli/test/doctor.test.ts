import { chmod, copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { holdLifeMark, ledgerEntry, recordServerStart } from '@holdfast/store'
import { addMail, addSignIn, addVerification } from '@holdfast/store/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createInstallation, type Installation, type ToolRun } from './installation.ts'
import { dayMs, hourMs, keyAt, ringOfAges } from './rings.ts'
import { startServer } from './server-start.ts'

interface Finding {
  level: 'ok' | 'warning' | 'fault'
  about: string
  says: string
  remedy?: string
  data?: Record<string, unknown>
}

function findingsOf(run: ToolRun): Finding[] {
  return run.json.findings as Finding[]
}

const notWell = (run: ToolRun) => findingsOf(run).filter(({ level }) => level !== 'ok')

/** A store of a ring that is young, with nobody in it. */
async function createHealthy({ keyAgeMs = hourMs }: { keyAgeMs?: number } = {}) {
  const holdfast = await createInstallation()
  const ring = ringOfAges(keyAgeMs)
  await holdfast.putRing(ring)
  const store = await holdfast.openStore()
  // A server makes its files for its user alone, and these are made by the test.
  for (const name of await readdir(holdfast.dataFolder)) await chmod(join(holdfast.dataFolder, name), 0o600)
  return { holdfast, store, kid: keyAt(ring, 0).kid, nowMs: Date.now() }
}

test('doctor finds a store well that a server has made, leaves no trace, and exits 0', async () => {
  const holdfast = await createInstallation()
  await startServer(holdfast)
  const before = await filesOf(holdfast)

  const { exitCode, stdout } = await holdfast.holdfast('doctor')
  const json = await holdfast.holdfast('doctor --quick --json')

  expect(stdout).toMatch(/^\S+ {2}All is well\.\n\n/)
  expect(exitCode).toBe(0)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  expect(stdout).toMatch(/^ok +kill -9 +would lose nothing that was answered/m)
  expect(stdout).toMatch(/^ok +integrity +ok \(every page, row and index\)$/m)
  expect(json).toMatchObject({ exitCode: 0, json: { ok: true, level: 'ok' } })
  expect(new Set(findingsOf(json).map(({ level }) => level))).toEqual(new Set(['ok']))
  expect(await filesOf(holdfast)).toEqual(before)
})

test('doctor says what removing a key and losing the file would end', async () => {
  const { holdfast, store, kid, nowMs } = await createHealthy()
  await addSignIn(store, { nowMs, kid })
  await addSignIn(store, { nowMs, kid })
  const verificationId = await addVerification(store, { nowMs, kid })
  await addMail(store, { nowMs, kid, verificationId })

  const findings = findingsOf(await holdfast.holdfast('doctor --json'))

  expect(findings).toContainEqual(
    expect.objectContaining({
      about: `key ${kid}`,
      says: expect.stringContaining('would end sign-ins: 2, verifications: 1, unsent mails: 1'),
    }),
  )
  expect(findings).toContainEqual(
    expect.objectContaining({
      about: 'the file',
      data: { accounts: 2, signIns: 2, verifications: 1 },
    }),
  )
})

test('doctor warns of variables that look misspelt, by name and never by value', async () => {
  const { holdfast } = await createHealthy()

  const run = await holdfast.holdfast('doctor --json', {
    COOKIE_SECRET_KEYS: 'hunter2hunter2',
    SMPT_URL: 'hunter2',
  })

  expect(run.exitCode).toBe(1)
  expect(notWell(run)).toEqual([
    {
      level: 'warning',
      about: 'settings',
      says: 'unknown variables are ignored: COOKIE_SECRET_KEYS (probably SECRET_KEY), SMPT_URL (probably SMTP_URL)',
      remedy: expect.any(String),
      data: {
        misspelt: [
          { found: 'COOKIE_SECRET_KEYS', meant: 'SECRET_KEY' },
          { found: 'SMPT_URL', meant: 'SMTP_URL' },
        ],
      },
    },
  ])
  expect(run.stdout).not.toContain('hunter2')
})

test('doctor works while another program holds the lock', async () => {
  const { holdfast } = await createHealthy()
  const other = new DatabaseSync(holdfast.storePath)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')

  expect((await holdfast.holdfast('doctor')).exitCode).toBe(0)
})

test.each([
  {
    what: 'a key that is needed and gone',
    async harm({ store, nowMs }: Healthy) {
      await addSignIn(store, { nowMs, kid: 'aaaaaaaa' })
    },
    level: 'fault',
    about: 'key ring',
    says: /key aaaaaaaa is missing from .* and still needed/,
  },
  {
    what: 'a mail that the mail server puts off',
    async harm({ store, nowMs, kid }: Healthy) {
      const verificationId = await addVerification(store, { nowMs, kid })
      await addMail(store, { nowMs, kid, verificationId, delivery: 'delayed', dueAtMs: nowMs + hourMs })
      const detail = { number: 1, tries: 1, ms: 1, delivery: 'delayed', reply: '450 later' }
      await store.write(ledgerEntry({ atMs: nowMs, event: 'code_delayed', verificationId, detail }))
    },
    level: 'warning',
    about: 'outbox',
    says: /mails that wait: 1, .* put off by the mail server: 1 \(450 later\)/,
  },
  {
    what: 'a mail that nobody hands over',
    async harm({ store, nowMs, kid }: Healthy) {
      const verificationId = await addVerification(store, { nowMs, kid, sentAtMs: nowMs - 60_000 })
      await addMail(store, { nowMs, kid, verificationId, dueAtMs: nowMs - 60_000 })
    },
    level: 'fault',
    about: 'outbox',
    says: /mails that wait: 1, the oldest for 1 min: nobody hands them over/,
  },
  {
    what: 'a ledger from the future',
    async harm({ store, nowMs }: Healthy) {
      await store.write(ledgerEntry({ atMs: nowMs + 2 * hourMs, event: 'key_signs' }))
    },
    level: 'warning',
    about: 'clock',
    says: /1 rows of the ledger are later, by up to [12] h/,
  },
  {
    what: 'a file that others can read',
    async harm({ holdfast }: Healthy) {
      await chmod(holdfast.storePath, 0o644)
    },
    level: 'warning',
    about: 'file modes',
    says: /other users of this machine can read/,
  },
  {
    what: 'a store that is a copy of one that was in use',
    async harm({ store, kid, nowMs }: Healthy) {
      await store.write(...recordServerStart(running(nowMs), kid))
    },
    level: 'warning',
    about: 'servers',
    says: /this file is a copy that was made while server k3jw8xya ran/,
  },
  {
    what: 'a server that was killed and not started again',
    async harm({ holdfast, store, kid, nowMs }: Healthy) {
      await store.write(...recordServerStart(running(nowMs), kid))
      await writeFile(`${holdfast.storePath}-running-k3jw8xya`, '')
    },
    level: 'fault',
    about: 'servers',
    says: /server k3jw8xya, started at .*, was killed/,
  },
  {
    what: 'a server that commits without an fsync',
    async harm({ holdfast, store, kid, nowMs }: Healthy) {
      await store.write(...recordServerStart({ ...running(nowMs), synchronous: 1 }, kid))
      const mark = holdLifeMark(`${holdfast.storePath}-running-k3jw8xya`)
      onTestFinished(() => mark.release())
    },
    level: 'fault',
    about: 'kill -9',
    says: /server k3jw8xya commits without an fsync/,
  },
])('doctor finds $what', async ({ harm, level, about, says }) => {
  const healthy = await createHealthy()
  await harm(healthy)

  const run = await healthy.holdfast.holdfast('doctor --json')

  expect(notWell(run)).toContainEqual(
    expect.objectContaining({ level, about, says: expect.stringMatching(says) }),
  )
  expect(run.exitCode).toBe(run.json.level === 'fault' ? 2 : 1)
  expect(notWell(run).some((finding) => finding.level === 'fault')).toBe(run.json.level === 'fault')
})

test('doctor finds a key that has signed for most of its time', async () => {
  const { holdfast } = await createHealthy({ keyAgeMs: 80 * dayMs })

  const run = await holdfast.holdfast('doctor --json')

  expect(run.exitCode).toBe(1)
  expect(notWell(run)).toEqual([
    {
      level: 'warning',
      about: 'key ring',
      says: expect.stringMatching(/is 80 d old: rotate every 90 d \(holdfast keys rotate\)/),
    },
  ])
})

test.each([
  {
    what: 'is of another version',
    content: '{"holdfast":"wrapped-key-ring"}',
    says: /this Holdfast reads 1/,
  },
  {
    what: 'is not there yet',
    content: undefined,
    says: /ring\.json does not exist; holdfast keys wrap makes it/,
  },
])('doctor goes on where a wrapped ring $what', async ({ content, says }) => {
  const { holdfast } = await createHealthy()
  const path = join(holdfast.folder, 'ring.json')
  if (content !== undefined) await writeFile(path, content, { mode: 0o600 })

  const run = await holdfast.holdfast('doctor --json', { SECRET_KEY_SOURCE: `vault:${path}` })

  expect(run.exitCode).toBe(2)
  expect(notWell(run)).toEqual([
    expect.objectContaining({
      level: 'fault',
      about: 'key ring',
      says: expect.stringMatching(says),
    }),
  ])
  expect(findingsOf(run).map(({ about }) => about)).toContain('integrity')
})

test('doctor finds a backup well that no server has started on yet', async () => {
  const { holdfast, store, nowMs, kid } = await createHealthy()
  await addSignIn(store, { nowMs, kid })
  const restored = await createInstallation()
  await mkdir(restored.dataFolder)
  await copyFile(holdfast.keyFile, restored.keyFile)
  const database = new DatabaseSync(holdfast.storePath)
  database.exec(`VACUUM INTO '${restored.storePath}'`)
  database.close()
  await chmod(restored.storePath, 0o600)

  const run = await restored.holdfast('doctor --json')

  expect(notWell(run)).toEqual([])
})

test('doctor finds a page that was damaged', async () => {
  const { holdfast, store, nowMs, kid } = await createHealthy()
  for (let added = 0; added < 200; added++) await addSignIn(store, { nowMs, kid })
  await store.query('PRAGMA wal_checkpoint(TRUNCATE)', [])
  const sick = await createInstallation()
  await mkdir(sick.dataFolder)
  await copyFile(holdfast.storePath, sick.storePath)
  await copyFile(holdfast.keyFile, sick.keyFile)
  const [root] = await store.query("SELECT rootpage FROM sqlite_schema WHERE name = 'signInsByAccount'", [])
  const bytes = await readFile(sick.storePath)
  const page = (Number((root as { rootpage: number }).rootpage) - 1) * 4096
  await writeFile(sick.storePath, bytes.fill(0x5a, page + 200, page + 4096))

  const { exitCode, stdout } = await sick.holdfast('doctor')

  expect(exitCode).toBe(2)
  expect(stdout).toMatch(/^fault +(integrity|store) +.*damaged/m)
})

test.each([
  { what: 'no store', make: async () => {}, says: 'there is no store at ' },
  {
    what: 'no database',
    make: (path: string) => writeFile(path, 'no database '.repeat(200)),
    says: 'is damaged, or no SQLite file',
  },
  { what: 'an empty file', make: (path: string) => writeFile(path, ''), says: 'is no store of Holdfast' },
])('doctor says of $what that it is so, with exit code 2', async ({ make, says }) => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  await make(holdfast.storePath)

  const run = await holdfast.holdfast('doctor --json')

  expect(run.exitCode).toBe(2)
  expect(notWell(run)).toEqual([
    expect.objectContaining({ level: 'fault', about: 'store', says: expect.stringContaining(says) }),
  ])
})

test('doctor tells a fault of the configuration with exit code 78', async () => {
  const holdfast = await createInstallation()

  const { exitCode, json } = await holdfast.holdfast('doctor --json', { STORE_URL: 'postgres://db' })

  expect(exitCode).toBe(78)
  expect(json).toEqual({ ok: false, faults: [expect.stringMatching(/^STORE_URL: expected sqlite:/)] })
})

type Healthy = Awaited<ReturnType<typeof createHealthy>>

function running(startedAtMs: number) {
  return { instance: 'k3jw8xya', version: '0.1.0', pid: 1, startedAtMs, journalMode: 'wal', synchronous: 2 }
}

async function filesOf({ dataFolder }: Installation) {
  const names = (await readdir(dataFolder)).sort()
  return Promise.all(names.map(async (name) => [name, await readFile(`${dataFolder}/${name}`, 'base64')]))
}
