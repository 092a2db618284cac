import { type Patience, stillPatient, type Waiter } from './patience.ts'
import type { SqliteConnection, Statement } from './sqlite-connection.ts'
import { StoreBusyError, type StoreUnavailableError } from './store.ts'

interface Question extends Waiter {
  statement: Statement
  resolve: (rows: unknown[]) => void
}

/** The questions of one turn. */
export class ReadQueue {
  readonly #connection: SqliteConnection
  readonly #patience: Patience
  #asking: Question[] = []

  constructor(connection: SqliteConnection, patience: Patience) {
    this.#connection = connection
    this.#patience = patience
  }

  get isEmpty(): boolean {
    return this.#asking.length === 0
  }

  add(statement: Statement): Promise<unknown[]> {
    return new Promise((resolve, reject) => {
      this.#asking.push({ statement, resolve, reject })
    })
  }

  /**
   * Answers in one read transaction: one set of locks, and one view of the store. `false` when another process keeps
   * the file to itself, as one does that repairs the WAL of a dead one: try again soon.
   */
  answer(): boolean {
    const questions = this.#asking.splice(0)
    const locked: Question[] = []
    let busy: StoreBusyError | undefined
    const refuse = (question: Question, error: unknown) => {
      if (!(error instanceof StoreBusyError)) return question.reject(error)
      busy = error
      locked.push(question)
    }
    const answerEach = () => {
      for (const question of questions.splice(0)) {
        try {
          question.resolve(this.#connection.run(question.statement))
        } catch (error) {
          refuse(question, error)
        }
      }
    }
    try {
      if (questions.length > 1) this.#connection.transaction('BEGIN', answerEach)
      else answerEach()
    } catch (error) {
      // Those that have an answer keep it: only those are left for which nothing could begin.
      for (const question of questions) refuse(question, error)
    }
    if (busy === undefined) return true
    this.#asking = stillPatient(locked, busy, this.#patience)
    return false
  }

  /** Ends the wait of all. */
  giveUp(error: StoreUnavailableError): void {
    for (const { reject } of this.#asking.splice(0)) reject(error)
  }
}
