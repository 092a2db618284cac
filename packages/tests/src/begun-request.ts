import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { RunningServer } from '@holdfast/drill'

/** A request that the server has accepted and whose body it is waiting for. */
export interface BegunRequest {
  finish(): Promise<{ status: number; body: string }>
}

/**
 * Sends the head of a request with `Expect: 100-continue` and resolves when the server says to go on: from
 * then on it owes an answer. (RFC 9110 section 10.1.1)
 */
export async function beginRequest(
  server: RunningServer,
  path: string,
  fields: object,
): Promise<BegunRequest> {
  const body = JSON.stringify(fields)
  const begun = request({
    host: '127.0.0.1',
    port: server.port,
    agent: false,
    method: 'POST',
    path,
    headers: {
      host: new URL(server.origin).host,
      expect: '100-continue',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  })
  begun.flushHeaders()
  const answered = once(begun, 'response')
  // A server that is ended meanwhile fails the answer, and whoever waits for that calls `finish`.
  answered.catch(() => {})
  await once(begun, 'continue')
  return {
    async finish() {
      begun.end(body)
      const [answer] = (await answered) as [IncomingMessage]
      return { status: answer.statusCode ?? 0, body: await text(answer) }
    },
  }
}
