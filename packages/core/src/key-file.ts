import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createKeyRingRecord, type KeyRingRecord } from './key-ring.ts'
import { KeyRingError } from './key-ring-error.ts'
import { formatKeyRing, parseKeyRing } from './key-ring-text.ts'

export interface KeyFileOptions {
  path: string
  /** Make the ring when the file is missing. Without it a missing file is an error. */
  create: boolean
  nowMs: number
  random?: (size: number) => Uint8Array
}

export interface LoadedKeyFile {
  record: KeyRingRecord
  created: boolean
  /** Other people on the machine can read the file. */
  isExposed: boolean
}

const largestFileBytes = 64 * 1024

/**
 * Loads the key ring from a file; on the first start, makes it.
 *
 * @throws {KeyRingError} when the file is missing and may not be made, is no regular file, or holds no ring
 */
export async function loadKeyFile(options: KeyFileOptions): Promise<LoadedKeyFile> {
  const existing = await readKeyFile(options.path)
  if (existing !== undefined) return { ...existing, created: false }
  if (!options.create) throw new KeyRingError(`${options.path} does not exist`)
  const created = await createKeyFile(options)
  const loaded = await readKeyFile(options.path)
  if (loaded === undefined) throw new KeyRingError(`${options.path} vanished while it was being made`)
  return { ...loaded, created }
}

async function readKeyFile(path: string): Promise<Omit<LoadedKeyFile, 'created'> | undefined> {
  try {
    const file = await stat(path)
    if (!file.isFile()) throw new KeyRingError('is not a regular file')
    if (file.size > largestFileBytes) throw new KeyRingError('is larger than 64 KiB')
    const record = parseKeyRing(await readFile(path, 'utf8'))
    return { record, isExposed: (file.mode & 0o077) !== 0 }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    if (error instanceof KeyRingError) throw new KeyRingError(`${path} ${error.message}`)
    throw error
  }
}

/**
 * Twelve processes may come here at once, and each may be killed at any instruction. `link` makes the
 * complete, synced file appear under its name in one step, and for one process only; a plain create and
 * write leaves an empty key behind a crash, which the next start would sign with.
 */
async function createKeyFile(options: KeyFileOptions): Promise<boolean> {
  const folder = dirname(options.path)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${options.path}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`
  try {
    await writeSynced(temporary, formatKeyRing(createKeyRingRecord(options.nowMs, options.random)))
    await link(temporary, options.path)
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw error
  } finally {
    await rm(temporary, { force: true })
    await syncFolder(folder)
  }
}

async function writeSynced(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
