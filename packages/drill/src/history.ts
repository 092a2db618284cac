import type { ColumnName, RowName } from './matrix-names.ts'

export type Action = 'send' | 'resend' | 'verify' | 'session' | 'logout' | 'rotate' | 'list-keys'

/** What an answer said, as far as a promise hangs on it. */
export interface Outcome {
  /** The state of the view, or `refused`. */
  state?: 'anonymous' | 'code_sent' | 'signed_in' | 'refused'
  reference?: string
  attemptsLeft?: number
  signInId?: string
  email?: string
  /** The code of the problem. */
  code?: string
  reason?: string
  /** The kid of the cookie that came with it, or `removed`. */
  cookie?: string
  /** Of the key ring: its id, and the keys that it still has. */
  ringId?: string
  kids?: string[]
}

/**
 * One line of the history. Times are milliseconds of the drill's own monotonic clock, and not of the servers'. An
 * operation is invoked and then completes: `ok` was acknowledged, `fail` was refused, and of `unknown` nobody can
 * say whether it was done (the rule of Jepsen).
 */
export type HistoryLine = { atMs: number } & (
  | { kind: 'invoke'; id: number; who: string; browser: string; action: Action; guess?: string }
  | { kind: 'ok' | 'fail' | 'unknown'; id: number; outcome: Outcome }
  | { kind: 'browser-copied'; who: string; from: string; to: string }
  | { kind: 'journey-begins'; who: string; row: RowName; column: ColumnName }
  | { kind: 'journey-ends'; who: string }
  | { kind: 'journey-lost'; who: string; because: string }
  | { kind: 'site-failed'; because: string }
  | { kind: 'fault-begins' | 'fault-ends'; fault: ColumnName }
  | { kind: 'clock-set'; offsetMs: number }
  | { kind: 'server-ready' | 'server-killed' | 'server-stopped'; pid: number }
)

/** The address of whoever the history calls so. */
export function addressOf(who: string): string {
  return `${who}@drill.example`
}

type Unstamped<Line> = Line extends unknown ? Omit<Line, 'atMs'> : never

/** Everything that was asked, answered and done to one installation, in the order in which it happened. */
export class History {
  readonly lines: HistoryLine[] = []
  #operations = 0

  add(line: Unstamped<HistoryLine>): void {
    this.lines.push({ atMs: performance.now(), ...line } as HistoryLine)
  }

  /** Notes that an operation begins, and gives its id. */
  invoke(operation: { who: string; browser: string; action: Action; guess?: string }): number {
    this.#operations += 1
    this.add({ kind: 'invoke', id: this.#operations, ...operation })
    return this.#operations
  }
}

/** One operation, put together from its two lines. */
export interface Operation {
  id: number
  who: string
  browser: string
  action: Action
  /** Of `verify`: the Message-ID of the mail whose code it was, or `wrong`. */
  guess?: string
  invokedAtMs: number
  completedAtMs: number
  /** An operation that never completed is `unknown`. */
  kind: 'ok' | 'fail' | 'unknown'
  outcome: Outcome
}

export function operationsOf(lines: readonly HistoryLine[]): Operation[] {
  const operations = new Map<number, Operation>()
  for (const line of lines) {
    if (line.kind === 'invoke') {
      const { kind: _, atMs, ...invoked } = line
      operations.set(line.id, {
        ...invoked,
        invokedAtMs: atMs,
        completedAtMs: Number.POSITIVE_INFINITY,
        kind: 'unknown',
        outcome: {},
      })
    } else if (line.kind === 'ok' || line.kind === 'fail' || line.kind === 'unknown') {
      const operation = operations.get(line.id)
      if (operation === undefined) throw new Error(`operation ${line.id} completes without having begun`)
      Object.assign(operation, { completedAtMs: line.atMs, kind: line.kind, outcome: line.outcome })
    }
  }
  return [...operations.values()]
}
