import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import type { Answer } from './http-exchange.ts'
import { securityHeaders } from './problem-answer.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

interface Operation {
  requestBody?: { content: Record<string, { schema: object }> }
  responses: Record<string, { content?: Record<string, { schema: { $ref: string } }> }>
}

interface Document {
  openapi: string
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object> }
}

let app: RunningApp
let answer: Answer
let document: Document
let ajv: Ajv2020

beforeAll(async () => {
  app = await startApp()
  answer = await app.newBrowser().call('GET', '/openapi.json')
  document = JSON.parse(answer.text)
  ajv = new Ajv2020({ strict: false })
  addFormats.default(ajv)
  ajv.addSchema(document, 'api')
  return () => app[Symbol.asyncDispose]()
})

test('GET /openapi.json answers an OpenAPI 3.1 document that a validator takes', async () => {
  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.headers).toMatchObject(securityHeaders)
  expect(document.openapi).toBe('3.1.0')
  expect(await new Validator().validate(JSON.parse(answer.text))).toEqual({ valid: true })
})

test('every call of the document is one that the server answers', async () => {
  const calls = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path] as const),
  )

  expect(calls.length).toBe(10)
  for (const [method, path] of calls) {
    const { body } = await app.newBrowser().call(method, path.replace('{id}', 'x'))
    expect([method, path, body.code]).not.toEqual([
      method,
      path,
      expect.stringMatching(/^(not_found|method_)/),
    ])
  }
})

const bodies: unknown[] = [
  {},
  [],
  null,
  'text',
  7,
  { email: 'ada@example.com' },
  { email: 'ada@example.com', type: 'signup', transport: 'cookie' },
  { email: 'ada@example.com', type: 'LOGIN' },
  { email: 'ada@example.com', transport: null },
  { email: ['ada@example.com'] },
  { email: 'ada@example.com', admin: true },
  { code: '123456' },
  { code: 123456 },
  { code: '123456', email: 'ada@example.com' },
  { everywhere: true },
  { everywhere: false },
]

describe.each([
  ['post', '/auth/otp/send'],
  ['post', '/auth/otp/resend'],
  ['post', '/auth/otp/verify'],
  ['delete', '/auth/otp'],
  ['post', '/auth/logout'],
  ['delete', '/auth/sessions/{id}'],
] as const)('the body of %s %s', (method, path) => {
  test.each(bodies.map((body) => [JSON.stringify(body), body]))(
    '%s is taken or refused as the document says',
    async (_text, body) => {
      const schema = document.paths[path]?.[method]?.requestBody?.content['application/json']?.schema
      const refusal = await app.newBrowser().call(method.toUpperCase(), path.replace('{id}', 'x'), body)

      expect(refusal.body.code !== 'invalid_request').toBe(ajv.validate(schema ?? false, body))
    },
  )
})

test('every answer of a whole sign-in, and every refusal on the way, looks as the document says', async () => {
  const browser = app.newBrowser()
  const seen = new Set<string>()
  const call = async (method: string, path: string, body?: unknown, by: Browser = browser) => {
    const answered = await by.call(method, path.replace('{id}', 'x'), body)
    expectDescribed(method, path, answered)
    seen.add(`${answered.status} ${answered.body.code ?? answered.body.state ?? ''}`.trim())
    return answered
  }

  await call('GET', '/auth/session')
  await call('GET', '/auth/sessions')
  await call('POST', '/auth/otp/verify', { code: '123456' })
  await call('POST', '/auth/otp/send', { email: 'nobody' })
  await call('POST', '/auth/otp/send', { email: 'carol@example.com' })
  await call('POST', '/auth/otp/resend', {})
  await call('GET', '/auth/session')
  const { code } = await app.mails.next('carol@example.com')
  await call('POST', '/auth/otp/verify', { code: '12' })
  await call('POST', '/auth/otp/verify', { code: wrongCode(code) })
  await call('POST', '/auth/otp/verify', { code })
  await call('GET', '/auth/session')
  await call('GET', '/auth/sessions')
  await call('GET', '/auth/check')
  await call('GET', '/auth/return')
  await call('DELETE', '/auth/sessions/{id}')
  await call('POST', '/auth/otp/send', { email: 'bob@example.com', transport: 'bearer' }, app.newBrowser())
  await call('DELETE', '/auth/otp')
  await call('POST', '/auth/logout', {})

  expect([...seen].sort()).toEqual([
    '200',
    '200 anonymous',
    '200 code_sent',
    '200 signed_in',
    '202 code_sent',
    '204',
    '303',
    '401 not_signed_in',
    '403 code_incorrect',
    '404 not_found',
    '409 verification_session_not_found',
    '422 code_malformed',
    '422 invalid_request',
    '429 rate_limited',
  ])
})

function expectDescribed(method: string, path: string, { status, headers, text }: Answer): void {
  const response = document.paths[path]?.[method.toLowerCase()]?.responses[String(status)]
  expect([method, path, status, response]).toEqual([method, path, status, expect.any(Object)])
  if (response?.content === undefined) {
    expect(text).toBe('')
    return
  }
  const [type, { schema }] = Object.entries(response.content)[0] as [string, { schema: { $ref: string } }]
  expect(headers['content-type']).toContain(type)
  const validate = ajv.getSchema(`api${schema.$ref}`) as ValidateFunction
  expect([text, validate(JSON.parse(text)), validate.errors ?? []]).toEqual([text, true, []])
}
