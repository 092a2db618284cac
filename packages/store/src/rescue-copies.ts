import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { backup, type DatabaseSync } from 'node:sqlite'
import { syncFolder } from '@holdfast/core'

export type RescueOutcome = { copy: string } | { cause: string }

const againAfterMs = 10_000
const pagesOfStep = 256

/** From when a file was lost until it is back. */
interface Episode {
  isBegun: boolean
  hasFailed: boolean
  copy?: string
}

/** Saves what a connection holds whose file has lost its name: once each time, and again when it fails. */
export class RescueCopies {
  readonly #database: DatabaseSync
  readonly #path: string
  readonly #clock: () => number
  #episode: Episode = { isBegun: false, hasFailed: false }

  constructor(database: DatabaseSync, path: string, clock: () => number) {
    this.#database = database
    this.#path = path
    this.#clock = clock
  }

  /** Begins a copy unless one is there or under way. Tells how it went; of failures only the first. */
  begin(onEnd: (outcome: RescueOutcome) => void): void {
    const episode = this.#episode
    if (episode.isBegun) return
    episode.isBegun = true
    writeRescueCopy(this.#database, this.#path, this.#clock()).then(
      (copy) => {
        // The file was back before the copy was whole, and has more by now.
        if (episode !== this.#episode) return rm(copy, { force: true }).catch(() => {})
        episode.copy = copy
        onEnd({ copy })
      },
      (error: Error) => {
        setTimeout(() => {
          episode.isBegun = false
        }, againAfterMs).unref()
        if (episode === this.#episode && !episode.hasFailed) onEnd({ cause: error.message })
        episode.hasFailed = true
      },
    )
  }

  /** The file is back. Returns the copy that was made meanwhile; one that is still being made goes when it is whole. */
  end(): string | undefined {
    const { copy } = this.#episode
    this.#episode = { isBegun: false, hasFailed: false }
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
