import { existsSync } from 'node:fs'
import {
  copyFile,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  unlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import type { StoreAlarm } from '../src/file-guard.ts'
import { openStore } from '../src/open-store.ts'
import type { SqliteStore } from '../src/sqlite-store.ts'
import { StoreUnavailableError } from '../src/store.ts'
import { db } from '../src/tables.ts'
import { damage } from './damage.ts'
import { readStore } from './store-dump.ts'

let folder: string
let path: string
let store: SqliteStore
let alarms: StoreAlarm[]
let onAlarm: (alarm: StoreAlarm) => void

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-guard-'))
  path = join(folder, 'holdfast.db')
  alarms = []
  onAlarm = (alarm) => alarms.push(alarm)
  store = await openStore(path, { onAlarm: (alarm) => onAlarm(alarm) })
  return async () => {
    store.close()
    await rm(folder, { recursive: true, force: true })
  }
})

const put = (key: string) => db.insertInto('meta').values({ key, value: 'x' }).returning('key')
const keys = db.selectFrom('meta').select('key').where('key', 'like', 'k%').orderBy('key')
const keysIn = (file: string) => readStore(file, "SELECT key FROM meta WHERE key LIKE 'k%' ORDER BY key")
const rescued = async () => (await readdir(folder)).filter((name) => name.includes('.rescued-'))

/** The next thing that the store has to say. */
function nextAlarm(): Promise<StoreAlarm> {
  return new Promise((resolve) => {
    onAlarm = (alarm) => {
      alarms.push(alarm)
      resolve(alarm)
    }
  })
}

describe.each(['', '-wal', '-shm'])('0.19, R75: the file holdfast.db%s', (suffix) => {
  test('removed under a running store: writes are refused, reads go on, and a copy has all that was written', async () => {
    await store.write(put('k1'))
    const alarm = nextAlarm()
    await rm(`${path}${suffix}`)

    await expect(store.write(put('k2'))).rejects.toThrow(StoreUnavailableError)
    await expect(store.write(put('k3'))).rejects.toThrow(/was removed under the running server/)
    expect(await store.read(keys)).toEqual([{ key: 'k1' }])
    const { message, isOver } = await alarm
    const [copy = ''] = await rescued()
    expect(isOver).toBe(false)
    expect(message).toContain(`${path}${suffix} was removed under the running server`)
    expect(message).toContain(
      `all that was acknowledged is in ${join(folder, copy)}: stop the server, remove`,
    )
    expect(keysIn(join(folder, copy))).toEqual([{ key: 'k1' }])
    expect((await stat(join(folder, copy))).mode & 0o777).toBe(0o600)
    expect(existsSync(`${path}${suffix}`)).toBe(false)
  })

  test('moved away and back: the store recovers by itself, and says so', async () => {
    await store.write(put('k1'))
    const alarm = nextAlarm()
    await rename(`${path}${suffix}`, join(folder, 'away'))
    await expect(store.write(put('k2'))).rejects.toThrow(StoreUnavailableError)
    await alarm
    await rename(join(folder, 'away'), `${path}${suffix}`)

    expect(await store.write(put('k3'))).toEqual([[{ key: 'k3' }]])
    expect(keysIn(path)).toEqual([{ key: 'k1' }, { key: 'k3' }])
    expect(alarms).toHaveLength(2)
    expect(alarms[1]).toMatchObject({ isOver: true })
    expect(alarms[1]?.message).toMatch(
      /is back, the very same file: writes go on; .+ is not needed any more$/,
    )
  })

  test('replaced under a running store: writes are refused, and the new file is left as it is', async () => {
    await store.write(put('k1'))
    await writeFile(join(folder, 'new'), 'somebody else wrote this')
    const alarm = nextAlarm()
    await rename(join(folder, 'new'), `${path}${suffix}`)

    await expect(store.write(put('k2'))).rejects.toThrow(/was replaced under the running server/)
    expect((await alarm).message).toContain('or start it with the new file')
    store.close()
    expect((await stat(`${path}${suffix}`)).size).toBe(24)
  })
})

describe('a file that is overwritten in place', () => {
  const fill = () => store.write(...Array.from({ length: 300 }, (_, at) => put(`k${at}-${'x'.repeat(400)}`)))
  const checkpoint = () => {
    const shell = new DatabaseSync(path)
    shell.exec('PRAGMA wal_checkpoint')
    shell.close()
  }

  test('R75: cut to nothing: writes are refused, a copy is tried, and the alarm promises no more than that', async () => {
    await store.write(put('k1'))
    const alarm = nextAlarm()
    await truncate(path, 0)

    await expect(store.write(put('k2'))).rejects.toThrow(
      /holdfast\.db was overwritten under the running server/,
    )
    const { message, isOver } = await alarm
    expect(isOver).toBe(false)
    expect(message).toMatch(
      /which may not be whole: stop the server, .+ restore a backup|could not be copied/,
    )
    expect(message).not.toContain('all that was acknowledged is in')
  })

  test('R75: an older and smaller copy under its name: writes are refused, also once it has grown again', async () => {
    checkpoint()
    await copyFile(path, join(folder, 'backup.db'))
    await fill()
    checkpoint()
    await store.write(put('l'))
    const alarm = nextAlarm()
    await copyFile(join(folder, 'backup.db'), path)

    await expect(store.write(put('l2'))).rejects.toThrow(/was overwritten/)
    await alarm
    await truncate(path, 10 * 1024 * 1024)
    await expect(store.write(put('l3'))).rejects.toThrow(/was overwritten/)
    expect(alarms).toHaveLength(1)
  })

  test('a store that grows, is emptied and is checkpointed is never taken for one', async () => {
    await fill()
    checkpoint()
    await store.write(put('l1'))
    await store.write(db.deleteFrom('meta').where('key', 'like', 'k%'))
    checkpoint()

    expect(await store.write(put('l2'))).toHaveLength(1)
    expect(alarms).toEqual([])
  })
})

test('a store that nobody writes to notices by itself that its file is gone', async () => {
  const alarm = nextAlarm()
  await rm(path)

  expect((await alarm).message).toContain('was removed under the running server')
})

test('a copy is made once, however many writes are refused', async () => {
  const alarm = nextAlarm()
  await rm(path)
  await Promise.allSettled(Array.from({ length: 50 }, (_, at) => store.write(put(`k${at}`))))
  await alarm
  await Promise.allSettled(Array.from({ length: 50 }, (_, at) => store.write(put(`k${at}`))))

  expect(await rescued()).toHaveLength(1)
  expect(alarms).toHaveLength(1)
})

test('0.19: after the copy is moved into place, as the alarm says, the next start has all that was acknowledged', async () => {
  const { generation } = store
  for (let count = 1; count <= 20; count++) await store.write(put(`k${count}`))
  const before = await store.read(keys)
  const alarm = nextAlarm()
  await rm(path)
  await alarm
  // The server is killed: the files beside it stay, and do no harm even when nobody removes them.
  const [copy = ''] = await rescued()
  await rename(join(folder, copy), path)
  const next = await openStore(path)

  expect(await next.read(keys)).toEqual(before)
  expect(next.generation).toBe(generation)
  expect(await next.query('PRAGMA integrity_check', [])).toEqual([{ integrity_check: 'ok' }])
  next.close()
})

test('a folder that is gone is said to be gone, and the store recovers when it is back', async () => {
  await store.write(put('k1'))
  const alarm = nextAlarm()
  await rename(folder, `${folder}-away`)
  await expect(store.write(put('k2'))).rejects.toThrow(StoreUnavailableError)
  const { message } = await alarm
  await rename(`${folder}-away`, folder)

  expect(message).toMatch(/could not be copied \(ENOENT.+\), which is tried again: do not stop the server/)
  expect(await store.write(put('k3'))).toEqual([[{ key: 'k3' }]])
})

test('a store behind a symbolic link is watched where it is, and at the link', async () => {
  const link = join(folder, 'link.db')
  await symlink(path, link)
  const linked = await openStore(link)
  await linked.write(put('k1'))
  await unlink(link)

  await expect(linked.write(put('k2'))).rejects.toThrow(/link\.db was removed/)
  linked.close()
})

test('SQLite that meets damage refuses all later writes, alarms once, and spoils nothing further', async () => {
  damage(path, 'accounts')

  await expect(store.read(db.selectFrom('accounts').selectAll())).rejects.toThrow(StoreUnavailableError)
  await expect(store.write(put('new'))).rejects.toThrow(/is damaged/)
  await expect(store.write(put('new'))).rejects.toThrow(/is damaged/)
  expect(alarms).toEqual([
    { message: expect.stringMatching(/is damaged \(.+\); nothing is written any more/), isOver: false },
  ])
})
