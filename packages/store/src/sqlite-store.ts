import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type Queries, type Query, type Results, type Store, StoreUnavailableError } from './store.ts'

interface Statement {
  sql: string
  parameters: readonly unknown[]
}

/** Statements that belong together, and whoever waits for them to be durable. */
interface Unit {
  statements: readonly Statement[]
  resolve: (rows: unknown[][]) => void
  reject: (error: unknown) => void
}

interface Question {
  statement: Statement
  resolve: (rows: unknown[]) => void
  reject: (error: unknown) => void
}

/** A commit waits for so many turns at most while each brings more to commit with it. */
const mostTurnsWaited = 4
const constraintViolation = 19

/**
 * One SQLite connection with group commit: the units that arrive in one turn of the event loop, or in a few
 * while each brings more, share a transaction and its one fsync, and none resolves before that commit.
 * Reads of one turn share a read transaction at its end. No transaction outlives a turn. Requests that
 * arrive together thus go on together, which also lets the socket writes of their answers follow each other.
 */
export class SqliteStore implements Store {
  generation = ''
  pseudonymKey = ''
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  #asking: Question[] = []
  #waiting: Unit[] = []
  #gathered = 0
  #turnsWaited = 0
  #isTurnOpen = false

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  async read<Row>(query: Query<Row>): Promise<Row[]> {
    return (await this.#ask(query.compile())) as Row[]
  }

  async write<Rows extends readonly unknown[]>(...queries: Queries<Rows>): Promise<Results<Rows>> {
    const statements = queries.map((query: Query<unknown>) => query.compile())
    return (await this.#enqueue(statements)) as Results<Rows>
  }

  /** For libraries that bring their own SQL. Only a SELECT or a PRAGMA runs outside the group commit. */
  async query(sql: string, parameters: readonly unknown[]): Promise<unknown[]> {
    if (sql.startsWith('SELECT') || sql.startsWith('PRAGMA')) return this.#ask({ sql, parameters })
    const [rows = []] = await this.#enqueue([{ sql, parameters }])
    return rows
  }

  /** Writes what is waiting, then closes the file. */
  close(): void {
    this.#answer()
    this.#commitWaiting()
    this.#statements.clear()
    this.#database.close()
  }

  #enqueue(statements: readonly Statement[]): Promise<unknown[][]> {
    return new Promise((resolve, reject) => {
      this.#openTurn()
      this.#waiting.push({ statements, resolve, reject })
    })
  }

  #ask(statement: Statement): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      this.#openTurn()
      this.#asking.push({ statement, resolve, reject })
    })
  }

  #openTurn(): void {
    if (this.#isTurnOpen) return
    this.#isTurnOpen = true
    setImmediate(() => this.#endTurn())
  }

  #endTurn(): void {
    this.#isTurnOpen = false
    this.#answer()
    const isGathering = this.#waiting.length > this.#gathered && this.#turnsWaited < mostTurnsWaited
    if (isGathering) {
      this.#gathered = this.#waiting.length
      this.#turnsWaited += 1
      this.#openTurn()
    } else this.#commitWaiting()
  }

  /** Answers what this turn asks, in one read transaction: one set of locks, and one view of the store. */
  #answer(): void {
    const questions = this.#asking
    this.#asking = []
    if (questions.length === 0) return
    const isShared = questions.length > 1
    let hasBegun = false
    try {
      if (isShared) this.#run({ sql: 'BEGIN', parameters: [] })
      hasBegun = isShared
      for (const { statement, resolve, reject } of questions) {
        try {
          resolve(this.#run(statement))
        } catch (error) {
          reject(error)
        }
      }
      if (hasBegun && this.#database.isTransaction) this.#run({ sql: 'COMMIT', parameters: [] })
    } catch (error) {
      if (hasBegun && this.#database.isTransaction) this.#database.exec('ROLLBACK')
      // A question that has its answer keeps it: rejecting it now changes nothing.
      for (const { reject } of questions) reject(error)
    }
  }

  #commitWaiting(): void {
    const units = this.#waiting
    this.#waiting = []
    this.#gathered = 0
    this.#turnsWaited = 0
    if (units.length === 0) return
    try {
      const results = this.#commit(units)
      for (const [index, unit] of units.entries()) unit.resolve(results[index] as unknown[][])
    } catch (error) {
      // One bad unit must not take its neighbours with it: each gets a transaction of its own. A store
      // that does not answer is asked once for all of them, as each question may wait for a lock.
      if (units.length > 1 && !(error instanceof StoreUnavailableError)) {
        for (const unit of units) this.#commitAlone(unit)
      } else for (const unit of units) unit.reject(error)
    }
  }

  #commitAlone(unit: Unit): void {
    try {
      unit.resolve(this.#commit([unit])[0] as unknown[][])
    } catch (error) {
      unit.reject(error)
    }
  }

  #commit(units: readonly Unit[]): unknown[][][] {
    this.#run({ sql: 'BEGIN IMMEDIATE', parameters: [] })
    try {
      const results = units.map((unit) => unit.statements.map((statement) => this.#run(statement)))
      this.#run({ sql: 'COMMIT', parameters: [] })
      return results
    } catch (error) {
      // SQLite ends the transaction by itself on some errors, a full disk among them.
      if (this.#database.isTransaction) this.#run({ sql: 'ROLLBACK', parameters: [] })
      throw error
    }
  }

  #run({ sql, parameters }: Statement): unknown[] {
    try {
      let statement = this.#statements.get(sql)
      if (statement === undefined) {
        statement = this.#database.prepare(sql)
        this.#statements.set(sql, statement)
      }
      return statement.all(...(parameters as SQLInputValue[]))
    } catch (error) {
      throw isUnavailable(error)
        ? new StoreUnavailableError('the store did not answer', { cause: error })
        : error
    }
  }
}

/** Everything but a broken constraint or a bad statement says that the store, not the request, is at fault. */
function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  if (error.code === 'ERR_INVALID_STATE') return true
  if (error.code !== 'ERR_SQLITE_ERROR' || !('errcode' in error)) return false
  const primaryCode = Number(error.errcode) & 0xff
  return primaryCode !== constraintViolation && primaryCode > 1
}
