import { parseJson } from './parse-json.ts'
import { parseProblem } from './parse-problem.ts'
import type { Problem } from './problem.ts'
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

/** The outcome of one request, together with the bearer token that came with it, if one did. */
export async function exchange<Found>(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
  read: Reader<Found>,
): Promise<{ outcome: Outcome<Found>; token?: string }> {
  try {
    const response = await fetch(url, init)
    const text = await response.text()
    const body = response.ok ? parseJson(text) : undefined
    const found = response.ok ? read(body, response) : undefined
    const serverTime = readServerTime(response)
    if (found === undefined) {
      return { outcome: { ok: false, problem: parseProblem(response, text), ...serverTime } }
    }
    const { token } = (body ?? {}) as { token?: unknown }
    const outcome = { ok: true as const, ...found, ...serverTime }
    return typeof token === 'string' ? { outcome, token } : { outcome }
  } catch (error) {
    return { outcome: { ok: false, problem: explainSilence(error) } }
  }
}

function readServerTime(response: Response): { answeredAtMs?: number } {
  const answeredAtMs = Date.parse(response.headers.get('date') ?? '')
  return Number.isNaN(answeredAtMs) ? {} : { answeredAtMs }
}

function explainSilence(error: unknown): Problem {
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return { code: 'unreachable', cause: 'timeout', detail: 'The sign-in service did not answer in time.' }
  }
  return { code: 'unreachable', cause: 'network', detail: 'The sign-in service could not be reached.' }
}
