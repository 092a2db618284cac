import type { DatabaseSync } from 'node:sqlite'
import { type FileFault, FileWatch } from './file-watch.ts'
import { RescueCopies } from './rescue-copies.ts'
import { StoreUnavailableError } from './store.ts'

/** Something that an operator has to know of: what has happened, and what to do. */
export interface StoreAlarm {
  message: string
  /** It has passed by itself. */
  isOver: boolean
}

export interface FileGuardOptions {
  onAlarm?: (alarm: StoreAlarm) => void
  clock?: () => number
}

const lookEveryMs = 1_000
/** A write-ahead log of that size could not be emptied for long: somebody reads, and does not end. */
export const largeLogBytes = 256 * 1024 * 1024

/**
 * Refuses writes that no restart would find: into files that were removed, replaced or overwritten under the running
 * server, or into one that is damaged. What was acknowledged until then is saved into a copy.
 */
export class FileGuard {
  readonly #path: string
  readonly #watch: FileWatch
  readonly #rescue: RescueCopies
  readonly #alarm: (alarm: StoreAlarm) => void
  readonly #timer: NodeJS.Timeout
  #fault: FileFault | undefined
  #damage: string | undefined
  #isLogLarge = false
  #isClosed = false

  /** For a store that is open and has been written to. */
  constructor(
    database: DatabaseSync,
    path: string,
    { onAlarm = () => {}, clock = Date.now }: FileGuardOptions,
  ) {
    this.#path = path
    this.#watch = new FileWatch(path)
    this.#rescue = new RescueCopies(database, path, clock)
    this.#alarm = onAlarm
    this.#timer = setInterval(() => this.#look(), lookEveryMs)
    this.#timer.unref()
  }

  /** @throws {StoreUnavailableError} when nothing may be written */
  check(): void {
    const refusal = this.#whyNot()
    if (refusal !== undefined) throw new StoreUnavailableError(refusal)
  }

  /** SQLite has found what cannot be: whatever is written now may spread it. */
  reportDamage(cause: string): void {
    if (this.#damage !== undefined) return
    this.#damage = `the store ${this.#path} is damaged (${cause})`
    const remedy = 'nothing is written any more: stop the server and restore a backup'
    this.#alarm({ message: `${this.#damage}; ${remedy}`, isOver: false })
  }

  /** Ends the watch. `false`: close nothing, as SQLite removes the log by its name, which may be another's by now. */
  mayClose(): boolean {
    clearInterval(this.#timer)
    this.#isClosed = true
    return this.#watch.find() === undefined
  }

  #look(): void {
    this.#whyNot()
    const bytes = this.#watch.logBytes()
    if (bytes >= largeLogBytes === this.#isLogLarge) return
    this.#isLogLarge = !this.#isLogLarge
    const size = `the write-ahead log of ${this.#path} has ${Math.round(bytes / 1024 / 1024)} MiB`
    const message = this.#isLogLarge
      ? `${size}: it cannot be emptied while another program reads; end the shell or the backup that does`
      : size
    this.#alarm({ message, isOver: !this.#isLogLarge })
  }

  #whyNot(): string | undefined {
    if (this.#isClosed) return 'the store is closed'
    const fault = this.#watch.find()
    if (fault === undefined && this.#fault !== undefined) this.#endFault(this.#fault)
    this.#fault = fault
    if (fault === undefined) return this.#damage
    this.#rescue.begin((outcome) =>
      this.#alarm({ message: whatToDo(fault, this.#path, outcome), isOver: false }),
    )
    return `${describe(fault)}; nothing is written any more`
  }

  #endFault({ path }: FileFault): void {
    const copy = this.#rescue.end()
    const rest = copy === undefined ? '' : `; ${copy} is not needed any more`
    this.#alarm({ message: `${path} is back, the very same file: writes go on${rest}`, isOver: true })
  }
}

function describe({ path, what }: FileFault): string {
  return `${path} was ${what} under the running server`
}

function whatToDo(
  fault: FileFault,
  path: string,
  { copy, cause }: { copy?: string; cause?: string },
): string {
  const happened = `${describe(fault)}; nothing is written any more`
  if (copy === undefined) {
    return `${happened}, and what was acknowledged could not be copied (${cause}), which is tried again: do not stop the server, bring the file or its folder back`
  }
  const clear = `stop the server, remove ${path}-wal and ${path}-shm`
  if (fault.what === 'overwritten') {
    return `${happened}; what can still be read is in ${copy}, which may not be whole: ${clear}, restore a backup, or else move the copy to ${path}, start it`
  }
  const restore = `${clear}, move the copy to ${path}, start it`
  const choice =
    fault.what === 'replaced'
      ? `${restore}; or start it with the new file, and without what the copy has`
      : restore
  return `${happened}; all that was acknowledged is in ${copy}: ${choice}`
}
