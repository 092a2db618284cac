import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { isDamage, isHeldByOthers, sqliteCode, sqliteCodeOf } from './sqlite-code.ts'
import { StoreBusyError, StoreUnavailableError } from './store.ts'

export interface Statement {
  sql: string
  parameters: readonly unknown[]
}

/** One SQLite connection. Statements are prepared once; its errors say whether the store or the request is at fault. */
export class SqliteConnection {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  readonly #onDamage: (cause: string) => void
  #isAbandoned = false

  /** `onDamage` is told when SQLite finds that the file is not as it should be. */
  constructor(database: DatabaseSync, onDamage: (cause: string) => void) {
    this.#database = database
    this.#onDamage = onDamage
  }

  run({ sql, parameters }: Statement): unknown[] {
    if (this.#isAbandoned) throw new StoreUnavailableError('the store is closed')
    try {
      let statement = this.#statements.get(sql)
      if (statement === undefined) {
        statement = this.#database.prepare(sql)
        this.#statements.set(sql, statement)
      }
      return statement.all(...(parameters as SQLInputValue[]))
    } catch (error) {
      if (isDamage(error)) this.#onDamage((error as Error).message)
      throw asStoreError(error)
    }
  }

  /** Does `work` between `begin` and COMMIT, which it must not await. What fails leaves nothing behind. */
  transaction<Result>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => Result): Result {
    this.#rollBack()
    this.run({ sql: begin, parameters: [] })
    try {
      const result = work()
      this.run({ sql: 'COMMIT', parameters: [] })
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }

  /** Answers nothing any more, and leaves the file as it is to the end of the process. */
  abandon(): void {
    this.#isAbandoned = true
  }

  /** SQLite does it by itself on some errors, a full disk among them. Where it fails, the next transaction begins with it. */
  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    } catch {}
  }
}

function asStoreError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  if (error.code === 'ERR_INVALID_STATE')
    return new StoreUnavailableError('the store is closed', { cause: error })
  const code = sqliteCodeOf(error)
  if (code <= sqliteCode.error || code === sqliteCode.constraint) return error
  return isHeldByOthers(error)
    ? new StoreBusyError('another process holds the store', { cause: error })
    : new StoreUnavailableError('the store did not answer', { cause: error })
}
