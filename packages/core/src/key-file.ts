import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createDurably, findLeftovers, removeLeftovers, replaceDurably } from './durable-file.ts'
import { isErrno } from './errno.ts'
import { inspectKeyFile, largestFileBytes, readRegularFile } from './inspect-key-file.ts'
import { ifKeyFileIsFree, withKeyFileLock } from './key-file-lock.ts'
import { KeyRingError } from './key-ring-error.ts'
import { createKeyRingRecord, fingerprintOf, type KeyRingRecord } from './key-ring-record.ts'
import { formatKeyRing, parseKeyRing } from './key-ring-text.ts'
import type { KeySource } from './key-source.ts'
import { makeFolder } from './make-folder.ts'

/** How a ring is written in a file: in clear, or wrapped by a key management service. */
export interface KeyFileFormat {
  parse(text: string): KeyRingRecord | Promise<KeyRingRecord>
  format(record: KeyRingRecord): string | Promise<string>
  /** A ring may be made where there is none. */
  canCreate: boolean
}

export interface KeyFileOptions {
  /** The file, or a folder that holds or will hold it as `secret_key.txt`. */
  path: string
  format?: KeyFileFormat
  random?: (size: number) => Uint8Array
}

export interface KeyFileSource extends KeySource {
  /**
   * Writes a ring where there is none yet.
   *
   * @throws {KeyRingError} when something is there already
   */
  put(record: KeyRingRecord): Promise<void>
}

interface ReadRing {
  record: KeyRingRecord
  concerns: string[]
  isLink: boolean
}

const plain: KeyFileFormat = { parse: parseKeyRing, format: formatKeyRing, canCreate: true }

/**
 * A key ring that is kept in a file. Changes of several processes go one after another, and each compares what
 * it read with what is there before it replaces it.
 */
export function keyFileSource({ path, format = plain, random }: KeyFileOptions): KeyFileSource {
  return {
    name: path,

    async load({ create, nowMs }) {
      const file = await fileAt(path)
      return explaining(file, async () => {
        const found = await read(file)
        if (found !== undefined) {
          await tidy(file)
          return { ...found, created: false }
        }
        if (!create || !format.canCreate) throw KeyRingError.missing()
        const created = await createFile(file, createKeyRingRecord(nowMs, random))
        const made = await read(file)
        if (made === undefined) throw new KeyRingError('vanished while it was being made')
        return { ...made, created }
      })
    },

    async put(record) {
      const file = await fileAt(path)
      await explaining(file, async () => {
        if (!(await createFile(file, record))) throw new KeyRingError('exists already; nothing was written')
      })
    },

    async change(change) {
      const file = await fileAt(path)
      return explaining(file, () => withKeyFileLock(file, () => changeRing(file, change)))
    },
  }

  async function read(file: string): Promise<ReadRing | undefined> {
    const found = await inspectKeyFile(file)
    if (found === undefined) return undefined
    return {
      isLink: found.isLink,
      concerns: found.concerns.map((concern) => `${file} ${concern}`),
      record: await format.parse(await readRegularFile(file)),
    }
  }

  /** Nothing is written that could not be read again. */
  async function textOf(record: KeyRingRecord): Promise<string> {
    const plainText = formatKeyRing(record)
    parseKeyRing(plainText)
    const text = format === plain ? plainText : await format.format(record)
    if (Buffer.byteLength(text) > largestFileBytes) {
      throw new KeyRingError('would be larger than 64 KiB; retire keys first. Nothing was written')
    }
    return text
  }

  /** Whoever comes first decides; `false` for the others. */
  async function createFile(file: string, record: KeyRingRecord): Promise<boolean> {
    await makeFolder(dirname(file))
    return withKeyFileLock(file, async () => {
      await removeLeftovers(file)
      try {
        await createDurably(file, await textOf(record))
        return true
      } catch (error) {
        if (isErrno(error, 'EEXIST')) return false
        throw error
      }
    })
  }

  async function changeRing(
    file: string,
    change: (record: KeyRingRecord) => KeyRingRecord,
  ): Promise<KeyRingRecord> {
    await removeLeftovers(file)
    const before = await read(file)
    if (before === undefined) throw KeyRingError.missing()
    if (before.isLink) throw new KeyRingError('is mounted: change the ring where it is mounted from')
    const after = change(before.record)
    if (fingerprintOf(after) === fingerprintOf(before.record)) return after
    const text = await textOf(after)
    // Whoever edits by hand, or from a machine that does not share our lock, is noticed here.
    const now = await read(file)
    if (now === undefined || fingerprintOf(now.record) !== fingerprintOf(before.record)) {
      throw new KeyRingError('was changed by somebody else meanwhile; nothing was written, try again')
    }
    await replaceDurably(file, text)
    return after
  }
}

/** A process that was killed may have left a copy of the ring behind, or its lock. It must not stay for long. */
async function tidy(file: string): Promise<void> {
  try {
    const isTidy = (await findLeftovers(file)).length === 0 && !(await isThere(`${file}.lock`))
    if (!isTidy) await ifKeyFileIsFree(file, () => removeLeftovers(file))
  } catch {
    // A folder that is only read, as a mount is, cannot hold what was never written there.
  }
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function fileAt(path: string): Promise<string> {
  try {
    return (await stat(path)).isDirectory() ? join(path, 'secret_key.txt') : path
  } catch {
    // What is wrong with it is said when it is read.
    return path
  }
}

/** Says what the operating system refused in the words of the operator, with the file's name. */
async function explaining<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof KeyRingError) throw error.of(file)
    if (isErrno(error, 'ENOENT')) throw new KeyRingError(`${file} does not exist`)
    if (isErrno(error, 'EROFS')) {
      throw new KeyRingError(`${file} cannot be written: its file system is read-only; ${elsewhere}`)
    }
    if (isErrno(error, 'EACCES', 'EPERM')) {
      throw new KeyRingError(
        `${file} cannot be read or written by this user (uid ${process.getuid?.()}); give it the file and its folder, or ${elsewhere}`,
      )
    }
    if (isErrno(error, 'ENOSPC', 'EDQUOT')) {
      throw new KeyRingError(`${file} cannot be written: the disk is full; nothing was changed`)
    }
    if (isErrno(error, 'ENOTDIR', 'ENAMETOOLONG', 'EIO', 'EISDIR', 'ELOOP')) {
      throw new KeyRingError(
        `${file} cannot be used (${(error as NodeJS.ErrnoException).code}); name another path`,
      )
    }
    throw error
  }
}

const elsewhere = 'keep the key in SECRET_KEY, or name a writable path or a key service in SECRET_KEY_SOURCE'
