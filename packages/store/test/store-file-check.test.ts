import {
  copyFile,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, expect, test } from 'vitest'
import { openStore } from '../src/open-store.ts'
import { StoreFileError } from '../src/store-file-error.ts'
import { db } from '../src/tables.ts'
import { damage } from './damage.ts'

let folder: string
let path: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-check-'))
  path = join(folder, 'holdfast.db')
  return () => rm(folder, { recursive: true, force: true })
})

/** A store with a few pages of rows in it, all of them in the one file. */
async function makeStore(): Promise<void> {
  const store = await openStore(path)
  for (let at = 0; at < 300; at++) {
    await store.write(
      db.insertInto('accounts').values({ id: `a${at}`, email: `p${at}@example.com`, createdAtMs: at }),
    )
  }
  store.close()
}

/** What the opening says, in the words of an operator. */
async function faultOfOpening(): Promise<string> {
  try {
    const store = await openStore(path)
    store.close()
    return 'opened'
  } catch (error) {
    return StoreFileError.of(path, error)?.message ?? `not in words: ${error}`
  }
}

async function flip(at: number, ...bytes: number[]): Promise<void> {
  const content = await readFile(path)
  content.set(bytes, at)
  await writeFile(path, content)
}

test.each<[what: string, spoil: () => Promise<void> | void, says: RegExp]>([
  ['no database', () => writeFile(path, 'this is no database '.repeat(100)), /is damaged, or no SQLite file/],
  ['empty', () => writeFile(path, ''), /is empty, and no store begins so/],
  ['cut short within its header', () => truncate(path, 60), /is damaged, or no SQLite file/],
  ['cut short after a page', () => truncate(path, 4096), /is damaged/],
  ['cut to half', async () => truncate(path, (await stat(path)).size / 2), /is damaged/],
  ['of another format', () => flip(18, 9, 9), /is damaged, or no SQLite file/],
  ['without its first bytes', () => flip(0, 0, 0, 0, 0), /is damaged, or no SQLite file/],
  ['damaged in a table', () => damage(path, 'accounts'), /is damaged \(.*accounts|is damaged/],
  ['damaged in an index', () => damage(path, 'verificationsByEnd'), /is damaged/],
  ['damaged in its schema', () => flip(100, ...Array(8).fill(0xff)), /is damaged/],
])('F10: a store that is %s is refused and left as it is', async (_what, spoil, says) => {
  await makeStore()
  await spoil()
  const before = await readFile(path)

  const fault = await faultOfOpening()
  expect(fault).toMatch(says)
  expect(fault).not.toContain('\n')
  expect(await readFile(path)).toEqual(before)
})

test('the database of another program gets no tables', async () => {
  const other = new DatabaseSync(path)
  other.exec('CREATE TABLE theirs (a)')
  other.close()
  const before = await readFile(path)

  expect(await faultOfOpening()).toMatch(/without the tables of a store/)
  expect(await readFile(path)).toEqual(before)
})

test.each(['nowhere/store.db', 'elsewhere.db', 'holdfast.db'])(
  'a store that is a symbolic link to %s, where no file is, is refused in one line, and none is made there',
  async (target) => {
    await symlink(target, path)

    expect(await faultOfOpening()).toMatch(/holdfast\.db is a symbolic link that leads to no file; [^\n]+$/)
    expect(await readdir(folder)).toEqual(['holdfast.db'])
  },
)

test('a store whose write-ahead log was removed after a kill is no reason to begin a new one', async () => {
  await makeStore()
  const store = await openStore(path)
  await store.write(db.insertInto('accounts').values({ id: 'new', email: 'new@example.com', createdAtMs: 1 }))
  // As a kill leaves it, copied without its log.
  const copy = join(folder, 'copy.db')
  await copyFile(path, copy)
  store.close()
  const next = await openStore(copy)

  expect(next.generation).toBe(store.generation)
  expect(await next.read(db.selectFrom('accounts').select('id').limit(1))).toHaveLength(1)
  next.close()
})

test('a new store has its name once it is whole, for its owner alone, and leaves nothing beside it', async () => {
  const store = await openStore(path)
  const file = await stat(path)
  store.close()

  expect(file.mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['holdfast.db'])
  const database = new DatabaseSync(path, { readOnly: true })
  expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' })
  database.close()
})

test('an opening says whether it made the store, and whether it looked at every page', async () => {
  const first = await openStore(path)
  expect([first.isNew, first.isChecked]).toEqual([true, true])
  await first.write(db.insertInto('meta').values({ key: 'large', value: 'x'.repeat(40 * 1024 * 1024) }))
  first.close()
  const second = await openStore(path)
  second.close()

  expect([second.isNew, second.isChecked]).toEqual([false, false])
})

test('F18: a store that a newer version has brought up to date still opens, and keeps what is new', async () => {
  await makeStore()
  const newer = new DatabaseSync(path)
  newer.exec(`ALTER TABLE accounts ADD COLUMN later TEXT;
    INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01T00:00:00.000Z')`)
  newer.close()
  const store = await openStore(path)

  expect(await store.query("SELECT name FROM kysely_migration WHERE name > '9'", [])).toEqual([
    { name: '9999-later' },
  ])
  expect(await store.query('SELECT later FROM accounts LIMIT 1', [])).toEqual([{ later: null }])
  store.close()
})
