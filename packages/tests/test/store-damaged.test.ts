import { open, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createProxiedFetch, type Installation } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { readiness } from '../src/server-metrics.ts'
import { problemOf, signIn } from '../src/sign-in.ts'

const storeOf = (holdfast: Installation) => join(holdfast.dataFolder, 'holdfast.db')

/** Overwrites the page that a table begins with, and has the server read its pages anew. */
async function damage(path: string, table: string): Promise<void> {
  const database = new DatabaseSync(path, { timeout: 5_000 })
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  const { page_size: pageSize } = database.prepare('PRAGMA page_size').get() as { page_size: number }
  const root = database.prepare('SELECT rootpage AS page FROM sqlite_schema WHERE name = ?').get(table)
  database.close()
  const file = await open(path, 'r+')
  await file.write(Buffer.alloc(pageSize, 0xff), 0, pageSize, (Number(root?.page) - 1) * pageSize)
  await file.close()
  const other = new DatabaseSync(path, { timeout: 5_000 })
  other.exec("INSERT INTO meta VALUES ('touched', '')")
  other.close()
}

test.each<[what: string, spoil: (path: string) => Promise<void>, says: RegExp]>([
  ['is empty', (path) => writeFile(path, ''), /is empty, and no store begins so/],
  [
    'is no database',
    (path) => writeFile(path, 'not a database '.repeat(500)),
    /is damaged, or no SQLite file/,
  ],
  ['was cut short', (path) => truncate(path, 20_000), /is damaged/],
  ['has a page that is none', (path) => damage(path, 'signIns'), /is damaged/],
])(
  'F10: a store that %s stops a start in one line, with exit code 78, and is left as it is',
  async (_what, spoil, says) => {
    const holdfast = await createInstallation()
    const first = await holdfast.start()
    await signIn(holdfast, first)
    await first.process.stop()
    await spoil(storeOf(holdfast))
    const before = await readFile(storeOf(holdfast))

    const second = holdfast.launch()

    expect(await second.exited).toBe(78)
    expect(second.stderr).toMatch(/^holdfast cannot start: the store \S+holdfast\.db is .+\n$/)
    expect(second.stderr).toMatch(says)
    expect(await readFile(storeOf(holdfast))).toEqual(before)
  },
)

test('damage that a running server meets is a 503 without a cookie, an alarm and a red readiness', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor } = await signIn(holdfast, server)
  const issued = visitor.setCookies.length
  await damage(storeOf(holdfast), 'signIns')

  expect(problemOf(await visitor.at(server).session())).toMatchObject({
    code: 'store_unavailable',
    retryAfterInSeconds: 2,
  })
  expect(problemOf(await visitor.at(server).send({ email: 'ada@example.com' })).code).toBe(
    'store_unavailable',
  )
  expect(visitor.setCookies).toHaveLength(issued)
  await server.process.log(
    ({ level, message }) => level === 'error' && /is damaged .* restore a backup/.test(message),
  )
  expect(await readiness(server)).toBe(503)
  expect((await createProxiedFetch(server.port)(`${server.origin}/healthz`)).status).toBe(200)
})
