import { KeyRingError, type KeyRingRecord, type KeySource, type LoadedKeyRing } from '@holdfast/core'
import { openKeySource } from '@holdfast/key-sources'
import {
  type KeyNeeds,
  type Query,
  readKeyNeeds,
  readKnownKeyRing,
  type SqliteStore,
  StoreFileError,
} from '@holdfast/store'
import { CommandError } from '../command-error.ts'
import { openExistingStore } from '../existing-store.ts'
import { readSettings, type Settings } from '../settings.ts'

type KeyServiceSettings = Parameters<typeof openKeySource>[1]

/** What the commands about keys work with. */
export interface KeyCommand {
  settings: Settings
  nowMs: number
  keyService: KeyServiceSettings
  source: KeySource
  /** `undefined` where no server has made one yet: this tool makes none. */
  store: SqliteStore | undefined
}

/** Opens what the variables name, runs `work` with it and closes it. */
export async function withKeys<Result>(work: (command: KeyCommand) => Promise<Result>): Promise<Result> {
  const settings = readSettings(process.env)
  const keyService: KeyServiceSettings = {
    environment: process.env,
    waitMs: settings.serviceWaitMs,
    onRetry: (error) => process.stderr.write(`holdfast: ${error.message}; asking again\n`),
  }
  const source = await openKeySource(settings.keySource, keyService)
  const store = await openExistingStore(settings.storePath)
  try {
    return await work({ settings, nowMs: Date.now(), keyService, source, store })
  } catch (error) {
    throw StoreFileError.of(settings.storePath, error) ?? error
  } finally {
    store?.close()
  }
}

/** The ring as it is. @throws {KeyRingError} when there is none, or none that can be used */
export async function loadRing(
  command: Pick<KeyCommand, 'source' | 'settings' | 'nowMs'>,
): Promise<LoadedKeyRing> {
  const found = await loadRingIfAny(command)
  if (found !== undefined) return found
  const isWrapped = command.settings.keySource.kind === 'wrapped'
  const remedy = isWrapped
    ? 'holdfast keys wrap makes it of the ring that you have'
    : 'a server makes it at its first start; run this in its folder, or with its DATA_DIR or SECRET_KEY_SOURCE'
  throw new KeyRingError(`${command.source.name} does not exist; ${remedy}`)
}

/** `undefined` where a ring could be kept and none is; one that is there and broken is a fault. */
export async function loadRingIfAny({
  source,
  settings,
  nowMs,
}: Pick<KeyCommand, 'source' | 'settings' | 'nowMs'>): Promise<LoadedKeyRing | undefined> {
  try {
    return await source.load({ create: false, nowMs })
  } catch (error) {
    if (error instanceof KeyRingError && error.isMissing && settings.keySource.kind !== 'texts')
      return undefined
    throw error
  }
}

/**
 * Changes the ring.
 *
 * @throws {CommandError} a refusal, when `change` does not allow it
 * @throws {KeyRingError} when there is no ring that can be changed
 */
export async function changeRing(
  command: KeyCommand,
  change: (before: KeyRingRecord) => KeyRingRecord,
): Promise<KeyRingRecord> {
  await loadRing(command)
  return command.source.change((before) => refusing(command, () => change(before)))
}

/** Runs one of the pure changes of core: what stands against it is a refusal, and no fault of the ring. */
export function refusing<Result>({ source }: KeyCommand, change: () => Result): Result {
  try {
    return change()
  } catch (error) {
    if (error instanceof KeyRingError) throw CommandError.refused(error.of(source.name).message)
    throw error
  }
}

/** The times of the servers: their own, where they are longer than what this command was given. */
export async function serverTimes({ store, settings }: KeyCommand): Promise<{ reloadMs: number }> {
  const known = store === undefined ? undefined : await readKnownKeyRing(store)
  return { reloadMs: Math.max(settings.reloadMs, known?.reloadMs ?? 0) }
}

/** What the store needs of the keys; nothing where there is no store. */
export async function needsOf({ store, settings, nowMs }: KeyCommand): Promise<KeyNeeds> {
  if (store === undefined) return { uses: [], known: undefined }
  return readKeyNeeds(store, { nowMs, idleMs: settings.idleMs })
}

/** What to say where there is no store. */
export function storeNotes({ store, settings }: KeyCommand): string[] {
  return store === undefined
    ? [`there is no store at ${settings.storePath}: who needs a key is not known`]
    : []
}

/** @throws {CommandError} where nobody could tell who needs a key */
export function requireStore({ store, settings }: KeyCommand): SqliteStore {
  if (store !== undefined) return store
  throw CommandError.ofConfiguration([
    `there is no store at ${settings.storePath}, so nobody can tell who needs the key; set DATA_DIR or STORE_URL as the server has them`,
  ])
}

/** Records what was done, where there is a store to record it in. */
export async function recordInLedger({ store }: KeyCommand, ...entries: Query<unknown>[]): Promise<void> {
  if (store !== undefined) await store.write(...entries)
}
