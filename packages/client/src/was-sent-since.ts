import type { Answer } from './exchange.ts'

/**
 * Whether the session's newest code was asked for within the last `elapsedInMs`, by the server's clock. Its Date
 * header is rounded down to seconds: a code of the second before may be taken for one of this call.
 */
export function wasSentSince(answer: Answer, elapsedInMs: number): boolean {
  if (!answer.ok || answer.view.state !== 'code_sent' || answer.answeredAtMs === undefined) return false
  return Date.parse(answer.view.verification.sentAt) >= answer.answeredAtMs - elapsedInMs
}
