import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { createInstallation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'

const everyCommand = ['list', 'check', 'rotate', 'retire aaaaaaaa', 'revoke aaaaaaaa', 'import']

test('every fault of the variables is told at once, by name and never by value', async () => {
  const holdfast = await createInstallation()

  const { exitCode, json, stderr } = await holdfast.holdfast('keys list --json', {
    NODE_ENV: 'staging',
    STORE_URL: 'postgres://db',
    KEY_RELOAD_SECONDS: '0',
    KEY_SERVICE_WAIT_SECONDS: 'long',
    SESSION_IDLE_SECONDS: '-1',
    SECRET_KEY: 'correct horse',
    SECRET_KEY_SOURCE: 'file:elsewhere',
    SECRET_KEY_FALLBACKS: 'battery staple',
    SECRET_KEY_FALLBACKS_FILE: 'older.txt',
  })

  expect(exitCode).toBe(78)
  const names = [
    /^NODE_ENV: expected development, test or production$/,
    /^KEY_RELOAD_SECONDS: expected a whole number from 1 to 3600$/,
    /^KEY_SERVICE_WAIT_SECONDS: expected a whole number/,
    /^STORE_URL: expected sqlite:/,
    /^SESSION_IDLE_SECONDS: expected a whole number/,
    /^SECRET_KEY_FALLBACKS_FILE: SECRET_KEY_FALLBACKS is set too; keep exactly one source$/,
    /^SECRET_KEY_SOURCE: names a source while SECRET_KEY is set too/,
    /^SECRET_KEY: is shorter than 32 bytes/,
    /^SECRET_KEY_FALLBACKS \(number 1\): is shorter than 32 bytes/,
  ]
  expect(json).toEqual({ ok: false, faults: names.map((name) => expect.stringMatching(name)) })
  expect(stderr.split('\n')).toHaveLength(names.length + 1)
  expect(stderr).not.toMatch(/horse|staple|staging|postgres|elsewhere/)
})

test('a variable that looks misspelt is told behind the faults', async () => {
  const holdfast = await createInstallation()
  const settings = { NODE_ENV: 'staging', SESSION_IDEL_SECONDS: '60' }

  const { exitCode, stderr } = await holdfast.holdfast('doctor', settings)

  expect(exitCode).toBe(78)
  expect(stderr.trim().split('\n').slice(1)).toEqual([
    expect.stringContaining('SESSION_IDEL_SECONDS (probably SESSION_IDLE_SECONDS)'),
  ])
})

test.each(everyCommand)(
  'keys %s where there is no ring says how one comes to be, and makes none',
  async (args) => {
    const holdfast = await createInstallation()
    await holdfast.openStore()

    const { exitCode, stdout, stderr } = await holdfast.holdfast(`keys ${args}`)

    if (args === 'check') expect(stdout).toContain('The next start would make a key ring')
    else {
      expect(exitCode).toBe(78)
      expect(stderr).toBe(
        `holdfast: ${holdfast.keyFile} does not exist; a server makes it at its first start; run this in its folder, or with its DATA_DIR or SECRET_KEY_SOURCE\n`,
      )
    }
    expect((await readdir(holdfast.dataFolder)).filter((name) => name.startsWith('secret'))).toEqual([])
  },
)

test.each(everyCommand)('keys %s of a ring that is broken says so in one line', async (args) => {
  const holdfast = await createInstallation()
  await holdfast.openStore()
  await writeFile(holdfast.keyFile, '{"holdfast": "key-ring"', { mode: 0o600 })

  const { exitCode, stdout, stderr } = await holdfast.holdfast(`keys ${args}`)

  expect(exitCode).toBe(78)
  expect(stdout + stderr).toContain(`${holdfast.keyFile} is neither a key ring nor a single line of text`)
})

test.each(everyCommand)('keys %s in an empty folder makes nothing', async (args) => {
  const holdfast = await createInstallation()

  await holdfast.holdfast(`keys ${args}`)

  expect(await readdir(holdfast.folder)).toEqual([])
})

test.each([
  {
    what: 'an empty file',
    make: (path: string) => writeFile(path, ''),
    says: (path: string) => `the store ${path} is empty, and no store begins so: it was lost`,
  },
  {
    what: 'the database of another program',
    async make(path: string) {
      const database = new DatabaseSync(path)
      database.exec('CREATE TABLE theirs (a); PRAGMA journal_mode = WAL')
      database.close()
    },
    says: (path: string) => `${path} is a SQLite file without the tables of a store`,
  },
])('$what at the path of the store is said as what it is, and is left as it is', async ({ make, says }) => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  await make(holdfast.storePath)
  const before = await readFile(holdfast.storePath)

  for (const args of ['keys list', 'sessions end --all']) {
    const { exitCode, stdout, stderr } = await holdfast.holdfast(args)
    expect(stderr).toContain(`holdfast: ${says(holdfast.storePath)}`)
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' })
  }
  expect(await readFile(holdfast.storePath)).toEqual(before)
})

test.each([
  {
    what: 'no database',
    make: (path: string) => writeFile(path, 'this is no database '.repeat(100)),
    says: 'is damaged, or no SQLite file; restore a backup, or name the right one in STORE_URL',
  },
  { what: 'a folder', make: (path: string) => mkdir(path), says: 'cannot be opened by this user (uid ' },
])('a store that is $what is said in one line, with exit code 78', async ({ make, says }) => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  await make(holdfast.storePath)

  for (const args of ['keys list', 'keys check', 'keys rotate']) {
    const { exitCode, stderr, stdout } = await holdfast.holdfast(args)
    expect(stderr).toMatch(`holdfast: the store ${holdfast.storePath} ${says}`)
    expect(stderr.split('\n')).toHaveLength(2)
    expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' })
  }
  expect((await holdfast.readRing()).epoch).toBe(1)
})

test('a store that was damaged within is said in one line', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  const made = await createInstallation()
  const store = await made.openStore()
  await store.query('PRAGMA wal_checkpoint(TRUNCATE)', [])
  await copyFile(made.storePath, holdfast.storePath)
  const bytes = await readFile(holdfast.storePath)
  await writeFile(holdfast.storePath, bytes.fill(0xff, 4096))

  const { exitCode, stderr } = await holdfast.holdfast('keys list')

  expect(stderr).toMatch(`holdfast: the store ${holdfast.storePath} is damaged`)
  expect(exitCode).toBe(78)
})

test('a store that another process holds is waited for and then said, with exit code 75', async () => {
  const holdfast = await createInstallation()
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()
  const other = new DatabaseSync(holdfast.storePath)
  onTestFinished(() => other.close())
  other.exec('BEGIN IMMEDIATE')

  const { exitCode, stderr } = await holdfast.holdfast(`keys retire ${keyAt(ring, 0).kid}`)

  expect(exitCode).toBe(75)
  expect(stderr).toBe(`holdfast: the store ${holdfast.storePath} is held by another process; try again\n`)
  expect(await holdfast.readRing()).toEqual(ring)
  other.exec('ROLLBACK')
  expect((await holdfast.holdfast(`keys retire ${keyAt(ring, 0).kid}`)).exitCode).toBe(0)
})
