import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import { syncFolder } from '@holdfast/core'

export type RescueOutcome = { copy: string } | { cause: string }

const againAfterMs = 10_000
const pagesOfStep = 256

/** Saves what a connection holds whose file has lost its name: once each time, and again when it fails. */
export class RescueCopies {
  readonly #database: DatabaseSync
  readonly #path: string
  readonly #clock: () => number
  #copy: string | undefined
  #isBegun = false
  #hasFailed = false

  constructor(database: DatabaseSync, path: string, clock: () => number) {
    this.#database = database
    this.#path = path
    this.#clock = clock
  }

  /** Begins a copy unless one is there or under way. Tells how it went; of failures only the first. */
  begin(onEnd: (outcome: RescueOutcome) => void): void {
    if (this.#isBegun) return
    this.#isBegun = true
    writeRescueCopy(this.#database, this.#path, this.#clock()).then(
      (copy) => {
        this.#copy = copy
        onEnd({ copy })
      },
      (error: Error) => {
        setTimeout(() => {
          this.#isBegun = false
        }, againAfterMs).unref()
        if (!this.#hasFailed) onEnd({ cause: error.message })
        this.#hasFailed = true
      },
    )
  }

  /** The file is back. Returns the copy that was made meanwhile. */
  end(): string | undefined {
    const copy = this.#copy
    this.#copy = undefined
    this.#isBegun = false
    this.#hasFailed = false
    return copy
  }
}

/**
 * Writes all that the connection sees into a new file beside `path`, page by page and durably, while the event loop
 * goes on. It has its name once it is whole. Not with VACUUM INTO, which does not sync, and whose pages an old
 * write-ahead log would not fit.
 */
async function writeRescueCopy(database: DatabaseSync, path: string, nowMs: number): Promise<string> {
  const time = new Date(nowMs).toISOString().replaceAll(':', '-')
  // Several processes may have had the file open, and each saves what it has.
  const copy = `${path}.rescued-${time}-${process.pid}`
  const unfinished = `${copy}.unfinished`
  try {
    // Made here, for its mode: it holds addresses.
    await (await open(unfinished, 'wx', 0o600)).close()
    await backup(database, unfinished, { rate: pagesOfStep })
    await rename(unfinished, copy)
    await syncFolder(dirname(path))
    return copy
  } catch (error) {
    await rm(unfinished, { force: true }).catch(() => {})
    throw error
  }
}
