import { execFile, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../src/open-store.ts'
import { db } from '../src/tables.ts'
import { readStore } from './store-dump.ts'

const run = promisify(execFile)
const worker = fileURLToPath(new URL('io-worker.ts', import.meta.url))
const canInject = spawnSync('strace', ['-qq', '-e', 'trace=none', 'true'], { stdio: 'ignore' }).status === 0

let folder: string
let original: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-io-'))
  original = join(folder, 'original.db')
  const store = await openStore(original)
  await store.write(db.insertInto('meta').values({ key: 'before', value: 'x' }))
  store.close()
  return () => rm(folder, { recursive: true, force: true })
})

/** With HOLDFAST_EVERY_CALL=1 each call is the one that fails, some sixty of a kind; else the first ones and every seventh. */
function stepAfter(nth: number): number {
  return nth < 8 || process.env.HOLDFAST_EVERY_CALL === '1' ? 1 : 7
}

/** Runs the worker on a copy, with the Nth of its system calls on the store's files failing. */
async function runWithFault(systemCall: string, error: string, nth: number) {
  const path = join(folder, `${systemCall}-${nth}.db`)
  const trace = join(folder, 'trace')
  await cp(original, path)
  const files = ['', '-wal', '-shm'].flatMap((suffix) => ['-P', `${path}${suffix}`])
  const inject = ['-e', `trace=${systemCall}`, '-e', `inject=${systemCall}:error=${error}:when=${nth}`]
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', worker, path]
  const { stdout } = await run('strace', [
    '-qq',
    '--seccomp-bpf',
    '-f',
    '-o',
    trace,
    ...inject,
    ...files,
    ...node,
  ])
  return {
    path,
    wasInjected: readFileSync(trace, 'utf8').includes('(INJECTED)'),
    lines: stdout.split('\n').filter((line) => line !== ''),
  }
}

describe.skipIf(!canInject)('F9: an error of the disk (skipped where strace cannot run)', () => {
  test.each([
    ['pwrite64', 'EIO'],
    ['pwrite64', 'ENOSPC'],
    ['fsync', 'EIO'],
    ['pread64', 'EIO'],
    ['ftruncate', 'EIO'],
  ])(
    '%s = %s at one call after another refuses or acknowledges, and keeps what it acknowledged',
    async (call, error) => {
      let nth = 1
      for (; ; nth += stepAfter(nth)) {
        const { path, wasInjected, lines } = await runWithFault(call, error, nth)
        const acknowledged = lines.filter((line) => /^done (first|second|third|fourth)$/.test(line))

        expect(lines.filter((line) => line.startsWith('unexpected'))).toEqual([])
        if (!wasInjected) {
          expect(acknowledged).toHaveLength(4)
          break
        }
        const kept = readStore(path, "SELECT key FROM meta WHERE key LIKE 'io-%'").map(
          ({ key }) => `done ${key}`,
        )
        expect(kept.map((key) => key.replace('io-', ''))).toEqual(expect.arrayContaining(acknowledged))
        expect(readStore(path, 'PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
        expect(readStore(path, "SELECT value FROM meta WHERE key = 'before'")).toEqual([{ value: 'x' }])
        for (const suffix of ['', '-wal', '-shm']) await rm(`${path}${suffix}`, { force: true })
      }
      expect(nth).toBeGreaterThan(1)
    },
  )
})
