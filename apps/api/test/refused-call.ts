import type { OutgoingHttpHeaders } from 'node:http'
import { dumpStore } from '@holdfast/store/testing'
import { expect } from 'vitest'
import { exchange } from './http-exchange.ts'
import { expectNotCached, expectProblem } from './problem-answer.ts'
import type { RunningApp } from './running-app.ts'

export interface RefusedCall {
  method: string
  path: string
  body: string | Buffer
  headers?: OutgoingHttpHeaders
  cookie?: string | undefined
}

/** Makes a call that must be refused with exactly this problem, and must have changed nothing in the store. */
export async function expectRefused(
  app: RunningApp,
  { method, path, body, headers = {}, cookie }: RefusedCall,
  status = 422,
  code = 'invalid_request',
) {
  const before = dumpStore(app.storePath)
  const answer = await exchange({
    port: app.port,
    method,
    path,
    headers: {
      Host: app.host,
      'Content-Type': 'application/json',
      ...(cookie === undefined ? {} : { Cookie: cookie }),
      ...headers,
    },
    body,
  })
  expectProblem(answer, status, code)
  expectNotCached(answer)
  expect(dumpStore(app.storePath)).toEqual(before)
  return answer
}
