import { parseJson } from './parse-json.ts'
import { parseProblem } from './parse-problem.ts'
import type { Problem } from './problem.ts'
import { isSessionView, type SessionView } from './session-view.ts'

/**
 * The outcome of one call. `answeredAtMs` is the server's clock when it answered (its Date header, whole
 * seconds): a countdown to the view's times should start there and not at the clock of the caller's machine.
 */
export type Answer = { answeredAtMs?: number } & (
  | { ok: true; view: SessionView }
  | { ok: false; problem: Problem }
)

/** An answer together with the bearer token that came with it, if one did. */
export type TokenAnswer = Answer & { token?: string }

/** One request and its answer. Nothing that the network or the server does makes it throw. */
export async function exchange(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit,
): Promise<TokenAnswer> {
  try {
    const response = await fetch(url, init)
    return { ...(await readAnswer(response)), ...readServerTime(response) }
  } catch (error) {
    return { ok: false, problem: explainSilence(error) }
  }
}

async function readAnswer(response: Response): Promise<TokenAnswer> {
  if (response.status === 204) return { ok: true, view: { state: 'anonymous' } }
  const text = await response.text()
  const body = response.ok ? parseJson(text) : undefined
  if (!isSessionView(body)) return { ok: false, problem: parseProblem(response, text) }
  const { token, ...view } = body as SessionView & { token?: string }
  return token === undefined ? { ok: true, view } : { ok: true, view, token }
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
