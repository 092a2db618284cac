import { randomUUID } from 'node:crypto'
import { type ProblemCode, problemBody, statusOf } from './problem.ts'
import { commonHeaders } from './security-headers.ts'

/** The whole answer to a request that never comes as far as the app. The connection ends with it. */
export function describeUnread(code: ProblemCode, detail: string) {
  const body = JSON.stringify(problemBody(code, detail, randomUUID()))
  const headers = {
    ...commonHeaders,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  }
  return { status: statusOf(code), headers, body }
}
