import { expect } from 'vitest'
import type { Answer } from './http-exchange.ts'

/** The headers that every answer carries, errors included. (ASVS 3.4.1 to 3.4.8) */
export const securityHeaders = {
  'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'/),
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** Everything that design.md section 5 says about an error: status, code, shape, headers, and no cookie. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(`${answer.status} ${String(answer.body.code)}`).toBe(`${status} ${code}`)
  expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(; charset=utf-8)?$/)
  expect(answer.body).toMatchObject({
    type: `urn:holdfast:problem:${code}`,
    title: expect.stringMatching(/./),
    status,
    detail: expect.stringMatching(/./),
    code,
    requestId: answer.headers['x-request-id'],
  })
  expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(answer.headers).toMatchObject(securityHeaders)
  expect(answer.setCookies).toEqual([])
  expect(answer.text).not.toMatch(/node_modules|\.ts:\d|SELECT|SQLITE/)
}

/** Nothing under `/auth` may be kept by a browser or a shared cache. */
export function expectNotCached(answer: Answer): void {
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers.vary).toBe('Cookie, Authorization')
}
