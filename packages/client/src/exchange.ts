import { parseJson } from './parse-json.ts'
import { parseProblem } from './parse-problem.ts'
import type { Problem, Unreachable } from './problem.ts'
import type { SessionView } from './views.ts'

/**
 * The outcome of one call. `answeredAtMs` is the server's clock when it answered (its Date header, whole
 * seconds): a countdown to the view's times should start there and not at the clock of the caller's machine.
 */
export type Outcome<Found> = { answeredAtMs?: number } & (
  | ({ ok: true } & Found)
  | { ok: false; problem: Problem }
)

/** What every call answers that changes or reads the session. */
export type Answer = Outcome<{ view: SessionView }>

/** Takes what a call is for out of a successful answer; `undefined` when it is something else. */
export type Reader<Found> = (body: unknown, response: Response) => Found | undefined

/** What ends a request that has no answer yet. */
export interface Limits {
  timeoutInMs: number
  signal: AbortSignal | undefined
}

const longestTimerMs = 2 ** 31 - 1

/** The outcome of one request, together with the bearer token that came with it, if one did. */
export async function exchange<Found>(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
  read: Reader<Found>,
  { timeoutInMs, signal }: Limits,
): Promise<{ outcome: Outcome<Found>; token?: string }> {
  let cause: Unreachable['cause'] = 'network'
  const ending = new AbortController()
  const endAs = (why: typeof cause) => {
    cause = why
    ending.abort()
  }
  const cancel = () => endAs('cancelled')
  const timer = setTimeout(endAs, Math.min(timeoutInMs, longestTimerMs), 'timeout')
  signal?.addEventListener('abort', cancel)
  if (signal?.aborted) cancel()
  try {
    const response = await fetch(url, { ...init, signal: ending.signal })
    return readAnswer(response, await response.text(), read)
  } catch {
    return { outcome: silence(cause) }
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', cancel)
  }
}

const silences = {
  network: 'The sign-in service could not be reached.',
  timeout: 'The sign-in service did not answer in time.',
  unexpected_answer: 'Something else than the sign-in service answered.',
  cancelled: 'The call was cancelled before its answer came.',
} as const satisfies Record<Unreachable['cause'], string>

/** The outcome where no answer came. */
export function silence(cause: Unreachable['cause']): { ok: false; problem: Unreachable } {
  return { ok: false, problem: { code: 'unreachable', cause, detail: silences[cause] } }
}

function readAnswer<Found>(
  response: Response,
  text: string,
  read: Reader<Found>,
): { outcome: Outcome<Found>; token?: string } {
  const body = response.ok ? parseJson(text) : undefined
  const found = response.ok ? read(body, response) : undefined
  const serverTime = readServerTime(response)
  if (found === undefined) {
    return { outcome: { ok: false, problem: parseProblem(response, text), ...serverTime } }
  }
  const { token } = (body ?? {}) as { token?: unknown }
  const outcome = { ok: true as const, ...found, ...serverTime }
  return typeof token === 'string' ? { outcome, token } : { outcome }
}

function readServerTime(response: Response): { answeredAtMs?: number } {
  const answeredAtMs = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(answeredAtMs) ? {} : { answeredAtMs }
}
