import type { CompiledQuery } from 'kysely'

/** A query that Kysely built. `Row` is what each row of its answer looks like. */
export interface Query<Row> {
  compile(): CompiledQuery<Row>
}

export type Queries<Rows extends readonly unknown[]> = { [Index in keyof Rows]: Query<Rows[Index]> }
export type Results<Rows extends readonly unknown[]> = { [Index in keyof Rows]: Rows[Index][] }

/** Where the domain records live. Both calls throw `StoreUnavailableError` when the store does not answer. */
export interface Store {
  /** Names this store: a store that was replaced or made anew has another generation. */
  readonly generation: string

  /** The key of the names that addresses have in logs. Here, where the addresses are in clear, and not in the ring. */
  readonly pseudonymKey: string

  /** The rows of a query that changes nothing; an empty list when there are none. */
  read<Row>(query: Query<Row>): Promise<Row[]>

  /**
   * Runs the queries in order, as one: all of them or none. Resolves when they are durable, a power cut
   * included, with the rows that each one's RETURNING gave.
   */
  write<Rows extends readonly unknown[]>(...queries: Queries<Rows>): Promise<Results<Rows>>
}

/** The store did not answer, or not well. The request fails with 503 and nobody is signed out for it. */
export class StoreUnavailableError extends Error {
  override readonly name: string = 'StoreUnavailableError'
}

/** Another process holds a lock: nothing is wrong with the store, and a later try may succeed. */
export class StoreBusyError extends StoreUnavailableError {
  override readonly name = 'StoreBusyError'
}
