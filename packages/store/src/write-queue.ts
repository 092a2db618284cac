import type { FileGuard } from './file-guard.ts'
import { type Patience, stillPatient, type Waiter } from './patience.ts'
import type { SqliteConnection, Statement } from './sqlite-connection.ts'
import { StoreBusyError, StoreUnavailableError } from './store.ts'

/** Statements that belong together, and whoever waits for them to be durable. */
interface Unit extends Waiter {
  statements: readonly Statement[]
  resolve: (rows: unknown[][]) => void
}

/** A commit waits for so many turns at most while each brings more to commit with it. */
const mostTurnsWaited = 4
/** After a wait for a lock there may be thousands, and nothing else runs while they are written. */
const mostUnitsOfCommit = 500

/** The units that wait for their commit, in the order in which they came. */
export class WriteQueue {
  readonly #connection: SqliteConnection
  readonly #guard: FileGuard
  readonly #patience: Patience
  #waiting: Unit[] = []
  #gathered = 0
  #turnsWaited = 0

  constructor(connection: SqliteConnection, guard: FileGuard, patience: Patience) {
    this.#connection = connection
    this.#guard = guard
    this.#patience = patience
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0
  }

  add(statements: readonly Statement[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ statements, resolve, reject })
    })
  }

  /** Whether the turn that ends has brought more, so that the next one may too. */
  isGathering(): boolean {
    if (this.#waiting.length <= this.#gathered || this.#turnsWaited >= mostTurnsWaited) return false
    this.#gathered = this.#waiting.length
    this.#turnsWaited += 1
    return true
  }

  /** Commits what waits, with one fsync. `false` when another process holds the lock: try again soon. */
  commit(): boolean {
    const units = this.#waiting.splice(0, mostUnitsOfCommit)
    this.#gathered = 0
    this.#turnsWaited = 0
    const { locked, error } = this.#commitAll(units)
    if (error === undefined) return true
    this.#waiting = stillPatient([...locked, ...this.#waiting], error, this.#patience)
    return false
  }

  /** Ends the wait of all. */
  giveUp(error: StoreUnavailableError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error)
  }

  #commitAll(units: readonly Unit[]): { locked: readonly Unit[]; error?: StoreBusyError } {
    if (units.length === 0) return { locked: [] }
    try {
      this.#write(units)
      return { locked: [] }
    } catch (error) {
      if (error instanceof StoreBusyError) return { locked: units, error }
      // A store that does not answer is asked once for all of them.
      if (units.length === 1 || error instanceof StoreUnavailableError) {
        for (const unit of units) unit.reject(error)
        return { locked: [] }
      }
      return this.#commitEach(units)
    }
  }

  /** One bad unit must not take its neighbours with it: each gets a transaction of its own. */
  #commitEach(units: readonly Unit[]): { locked: readonly Unit[]; error?: StoreBusyError } {
    for (const [index, unit] of units.entries()) {
      const { error } = this.#commitAll([unit])
      if (error !== undefined) return { locked: units.slice(index), error }
    }
    return { locked: [] }
  }

  #write(units: readonly Unit[]): void {
    const connection = this.#connection
    this.#guard.check()
    const results = connection.transaction('BEGIN IMMEDIATE', () =>
      units.map(({ statements }) => statements.map((statement) => connection.run(statement))),
    )
    // A file that was taken away in between has the commit, and no start will find it.
    this.#guard.check()
    for (const [index, unit] of units.entries()) unit.resolve(results[index] as unknown[][])
  }
}
