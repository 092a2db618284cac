import { execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, symlinkSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { holdLifeMark, lifeMarkPath, readLifeMark } from '../src/life-mark.ts'
import {
  type RunningServer,
  readRunningServers,
  recordServerLoss,
  recordServerStart,
  recordServerStop,
} from '../src/running-servers.ts'
import { readStore } from './store-dump.ts'
import { openTemporaryStore } from './temporary-store.ts'

const server: RunningServer = {
  instance: 'k3jw8xya',
  version: '0.1.0',
  pid: 1,
  startedAtMs: 1_000,
  journalMode: 'wal',
  synchronous: 2,
}
const holder = fileURLToPath(new URL('mark-holder.ts', import.meta.url))

test('a process that holds its mark is alive, stopped in its tracks or not, and gone once it is killed', async () => {
  await using temporary = await openTemporaryStore()
  const path = lifeMarkPath(temporary.path, server.instance)
  const child = fork(holder, [path], { execArgv: ['--disable-warning=ExperimentalWarning'] })
  try {
    await once(child, 'message')
    expect(await readLifeMark(path)).toMatchObject({ state: 'alive' })
    child.kill('SIGSTOP')
    expect(await readLifeMark(path)).toMatchObject({ state: 'alive' })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
  const sign = await readLifeMark(path)
  expect(sign).toEqual({ state: 'gone', lastAliveAtMs: expect.any(Number) })
})

test('a touched mark says until when its process has lived', async () => {
  await using temporary = await openTemporaryStore()
  const path = lifeMarkPath(temporary.path, server.instance)
  const mark = holdLifeMark(path)
  const beforeMs = Date.now()
  await mark.touch()
  mark.release()

  const sign = await readLifeMark(path)

  expect(sign.state).toBe('gone')
  expect(sign.state === 'gone' && sign.lastAliveAtMs).toBeGreaterThanOrEqual(beforeMs)
})

test.each([
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdirSync(path)],
  ['a link to the mark of a server that lives', (path: string) => symlinkSync(`${path}-alive`, path)],
])('%s in the place of a mark is none of a process that lives, and is not opened', async (_name, put) => {
  await using temporary = await openTemporaryStore()
  const path = lifeMarkPath(temporary.path, server.instance)
  const alive = holdLifeMark(`${path}-alive`)
  put(path)

  const sign = await readLifeMark(path)
  alive.release()

  expect(sign).toEqual({ state: 'gone', lastAliveAtMs: expect.any(Number) })
})

test('a mark that is not there says so', async () => {
  await using temporary = await openTemporaryStore()

  expect(await readLifeMark(lifeMarkPath(temporary.path, 'aaaaaaaa'))).toEqual({ state: 'missing' })
})

test('a server runs from its start to its stop', async () => {
  await using temporary = await openTemporaryStore()
  const { store, path } = temporary
  await store.write(...recordServerStart(server, 'kkkkkkkk'))
  expect(await readRunningServers(store)).toEqual([server])

  await store.write(...recordServerStop(server.instance, 2_000))

  expect(await readRunningServers(store)).toEqual([])
  expect(readStore(path, 'SELECT atMs, event, kid, detail FROM ledger ORDER BY id')).toEqual([
    {
      atMs: 1_000,
      event: 'server_started',
      kid: 'kkkkkkkk',
      detail: '{"instance":"k3jw8xya","version":"0.1.0","pid":1}',
    },
    { atMs: 2_000, event: 'server_stopped', kid: null, detail: '{"instance":"k3jw8xya"}' },
  ])
})

test('a crash that several find at once is recorded once, and none of a server that has stopped', async () => {
  await using temporary = await openTemporaryStore()
  const { store, path } = temporary
  await store.write(...recordServerStart(server, 'kkkkkkkk'))
  const crash = { event: 'server_crashed', lastAliveAtMs: 1_500 } as const

  const found = await Promise.all([1, 2, 3].map(() => recordServerLoss(store, server, crash, 3_000)))

  expect(found.filter(({ isRecorded }) => isRecorded)).toHaveLength(1)
  const stopped = { ...server, instance: 'stoppedx' }
  await store.write(...recordServerStart(stopped, 'kkkkkkkk'))
  await store.write(...recordServerStop(stopped.instance, 2_000))
  expect(await recordServerLoss(store, stopped, { event: 'store_copied' }, 3_000)).toEqual({
    isRecorded: false,
  })
  expect(
    readStore(path, "SELECT event, detail FROM ledger WHERE event NOT LIKE 'server_st%' ORDER BY id"),
  ).toEqual([
    {
      event: 'server_crashed',
      detail: '{"instance":"k3jw8xya","startedAtMs":1000,"lastAliveAtMs":1500}',
    },
  ])
})
