import type { DatabaseSync } from 'node:sqlite'
import { FileGuard, type FileGuardOptions } from './file-guard.ts'
import { longestLockWaitMs } from './patience.ts'
import { ReadQueue } from './read-queue.ts'
import { SqliteConnection, type Statement } from './sqlite-connection.ts'
import { type Queries, type Query, type Results, type Store, StoreUnavailableError } from './store.ts'
import { WriteQueue } from './write-queue.ts'

export interface OpenStoreOptions extends FileGuardOptions {
  /** How long a call waits while another process holds the lock that it needs. */
  mostWaitMs?: number
  /** Milliseconds that only ever grow, whatever is done to the clock. */
  monotonic?: () => number
}

interface SqliteStoreOptions extends OpenStoreOptions {
  isNew: boolean
  isChecked: boolean
}

/** Longer than two commits of others, at a moment that other processes do not share: each gets its turn. */
const leastRetryMs = 2
const retrySpreadMs = 6

/**
 * One SQLite connection with group commit: the units that arrive in one turn of the event loop, or in a few
 * while each brings more, share a transaction and its one fsync, and none resolves before that commit.
 * Reads of one turn share a read transaction at its end. No transaction outlives a turn. Requests that
 * arrive together thus go on together, which also lets the socket writes of their answers follow each other.
 *
 * Nothing sleeps in here. What meets the lock of another process is tried again from a timer, while the event loop
 * and the reads go on, until it has waited as long as it may.
 */
export class SqliteStore implements Store {
  generation = ''
  pseudonymKey = ''
  /** It was made by this opening. */
  readonly isNew: boolean
  /** All of its pages were looked at when it was opened: a large one would take too long. */
  readonly isChecked: boolean
  readonly #guard: FileGuard
  readonly #connection: SqliteConnection
  readonly #reads: ReadQueue
  readonly #writes: WriteQueue
  #isTurnOpen = false
  #writeRetry: NodeJS.Timeout | undefined
  #readRetry: NodeJS.Timeout | undefined

  constructor(database: DatabaseSync, path: string, options: SqliteStoreOptions) {
    const { mostWaitMs = longestLockWaitMs, monotonic = () => performance.now() } = options
    const patience = { mostWaitMs, monotonic }
    this.isNew = options.isNew
    this.isChecked = options.isChecked
    this.#guard = new FileGuard(database, path, options)
    this.#connection = new SqliteConnection(database, (cause) => this.#guard.reportDamage(cause))
    this.#reads = new ReadQueue(this.#connection, patience)
    this.#writes = new WriteQueue(this.#connection, this.#guard, patience)
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

  /** Writes what is waiting, or gives it up where another process holds the lock, and closes the file. */
  close(): void {
    clearTimeout(this.#readRetry)
    clearTimeout(this.#writeRetry)
    this.#reads.answer()
    while (!this.#writes.isEmpty && this.#writes.commit()) {}
    const closed = new StoreUnavailableError('the store was closed before it answered')
    this.#reads.giveUp(closed)
    this.#writes.giveUp(closed)
    if (this.#guard.mayClose()) this.#connection.close()
    else this.#connection.abandon()
  }

  #enqueue(statements: readonly Statement[]): Promise<unknown[][]> {
    this.#openTurn()
    return this.#writes.add(statements)
  }

  #ask(statement: Statement): Promise<unknown[]> {
    this.#openTurn()
    return this.#reads.add(statement)
  }

  #openTurn(): void {
    if (this.#isTurnOpen) return
    this.#isTurnOpen = true
    setImmediate(() => this.#endTurn())
  }

  #endTurn(): void {
    this.#isTurnOpen = false
    if (this.#readRetry === undefined) this.#answer()
    // What comes while a lock is waited for stands behind those who wait.
    if (this.#writeRetry !== undefined) return
    if (this.#writes.isGathering()) this.#openTurn()
    else this.#commit()
  }

  #answer(): void {
    this.#readRetry = undefined
    if (this.#reads.answer() || this.#reads.isEmpty) return
    this.#readRetry = setTimeout(() => this.#answer(), retryDelayMs())
  }

  #commit(): void {
    this.#writeRetry = undefined
    const isFree = this.#writes.commit()
    if (this.#writes.isEmpty) return
    if (isFree) this.#openTurn()
    else this.#writeRetry = setTimeout(() => this.#commit(), retryDelayMs())
  }
}

function retryDelayMs(): number {
  return leastRetryMs + Math.random() * retrySpreadMs
}
