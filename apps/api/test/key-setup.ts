import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KeyRingRecord, type KeySource, keyFileSource } from '@holdfast/core'
import { openStore } from '@holdfast/store'
import { readStore } from '@holdfast/store/testing'
import type { LiveKeyRing } from '../src/keys/live-key-ring.ts'
import { type OpenKeyRingOptions, openKeyRing } from '../src/keys/open-key-ring.ts'
import { recordLog } from './recorded-log.ts'

export const idleMs = 7 * 86_400_000

/** All that a key ring is opened with: a real key file, a real store, a log to read and a clock that tests set. */
export async function setUpKeys() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'))
  const path = join(folder, 'secret_key.txt')
  const storePath = join(folder, 'holdfast.db')
  // Nobody but a test itself holds the lock here: waiting as long as a server does would only take time.
  const store = await openStore(storePath, { mostWaitMs: 100 })
  const file = keyFileSource({ path })
  const clock = { nowMs: 1_700_000_000_000 }
  const log = recordLog({ level: 'debug', format: 'json' })
  let looks = 0
  const source: KeySource = {
    ...file,
    load(options) {
      looks += 1
      return file.load(options)
    },
  }

  return {
    clock,
    folder,
    log,
    path,
    source,
    store,
    storePath,
    /** How often the source was read since the last asking. */
    takeLooks(): number {
      const taken = looks
      looks = 0
      return taken
    },
    /** As a server does when it starts. */
    async start(changes: Partial<OpenKeyRingOptions> = {}): Promise<LiveKeyRing> {
      const { live } = await openKeyRing({
        source,
        store,
        logger: log.logger,
        clock: () => clock.nowMs,
        isProduction: false,
        reloadMs: 30_000,
        idleMs,
        acceptKeyLoss: false,
        ...changes,
      })
      looks = 0
      return live
    },
    /** What an operator does on the command line. */
    changeRing: (change: (record: KeyRingRecord) => KeyRingRecord) => file.change(change),
    /** Puts a whole ring in the place of the file, from a backup or by mistake. */
    async replaceRing(record: KeyRingRecord): Promise<void> {
      await rm(path, { force: true })
      await file.put(record)
    },
    readKeyFile: () => readFile(path, 'utf8'),
    writeKeyFile: (text: string) => writeFile(path, text, { mode: 0o600 }),
    removeKeyFile: () => rm(path),
    /** The rows of the ledger that are about an event, oldest first. */
    ledger(event: string) {
      return readStore(storePath, 'SELECT * FROM ledger WHERE event = ? ORDER BY id', event)
    },
    async [Symbol.asyncDispose]() {
      store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type KeySetup = Awaited<ReturnType<typeof setUpKeys>>

/** The kid of the newest key. */
export function newestKidOf({ keys }: KeyRingRecord): string {
  return keys.at(-1)?.kid ?? ''
}
