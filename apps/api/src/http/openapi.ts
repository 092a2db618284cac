import { z } from 'zod'
import { problem, sessionList, sessionView } from './answer-schemas.ts'
import { idempotencyKeyPattern } from './named-request.ts'
import { type Operation, operations } from './openapi-operations.ts'
import { type ProblemCode, statusOf } from './problem.ts'

const always = ['misdirected_request', 'store_unavailable', 'overloaded', 'internal'] as const
const unsafe = [
  'invalid_request',
  'cross_site_request',
  'payload_too_large',
  'unsupported_media_type',
] as const

const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A UUID of your own: the request repeated with it, after its answer was lost, asks for no second code',
  schema: { type: 'string', pattern: idempotencyKeyPattern.source },
}

/** The HTTP API in OpenAPI 3.1: bodies by the schemas that check them. */
export function describeApi(options: { appName: string; origin: string; cookieName: string }): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const operation of operations) {
    paths[operation.path] = { ...paths[operation.path], [operation.method]: describe(operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: `${options.appName}: sign in by a code in the mail`, version: '1' },
    servers: [{ url: options.origin }],
    security: [{}, { cookie: [] }, { bearer: [] }],
    paths,
    components: {
      schemas: {
        SessionView: schemaOf(sessionView),
        SessionList: schemaOf(sessionList),
        Problem: schemaOf(problem),
      },
      securitySchemes: {
        cookie: { type: 'apiKey', in: 'cookie', name: options.cookieName },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  }
}

function describe({
  name,
  method,
  path,
  summary,
  body,
  takesIdempotencyKey,
  done,
  refusals,
}: Operation): object {
  const codes = [...refusals, ...(method === 'get' ? [] : unsafe), ...always]
  return {
    summary,
    operationId: name,
    parameters: [...parametersOf(path), ...(takesIdempotencyKey ? [idempotencyKey] : [])],
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses: { [done[0]]: describeDone(done), ...describeRefusals(codes) },
  }
}

function bodyOf(body: z.ZodType): object {
  const isOptional = body.safeParse({}).success
  return { required: !isOptional, content: { 'application/json': { schema: schemaOf(body) } } }
}

function parametersOf(path: string): object[] {
  const schema = { type: 'string' }
  if (path === '/auth/return') return [{ name: 'return_to', in: 'query', required: false, schema }]
  return path.includes('{id}') ? [{ name: 'id', in: 'path', required: true, schema }] : []
}

function describeDone([status, answer]: Operation['done']): object {
  const description = status === 303 ? 'Location says where' : 'Done'
  if (answer === 'nothing') return { description }
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${answer}` } } },
  }
}

function describeRefusals(codes: readonly ProblemCode[]): Record<string, object> {
  const byStatus = Object.groupBy(codes, (code) => String(statusOf(code)))
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, same = []]) => [
      status,
      { description: same.map((code) => `\`${code}\``).join(', '), content },
    ]),
  )
}

function schemaOf(schema: z.ZodType): object {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}
