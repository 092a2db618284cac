import { z } from 'zod'
import { problem, sessionList, sessionView } from './answer-schemas.ts'
import { idempotencyKeyPattern } from './named-request.ts'
import { type ProblemCode, statusOf } from './problem.ts'
import { emptyBody } from './routes/empty-body.ts'
import { logoutBody } from './routes/logout.ts'
import { sendBody } from './routes/send.ts'
import { verifyBody } from './routes/verify.ts'

interface Operation {
  name: string
  method: 'get' | 'post' | 'delete'
  path: string
  summary: string
  body?: z.ZodType
  /** It takes an Idempotency-Key. */
  namesItself?: boolean
  /** What the call answers when it is done: a status, and what is in the answer. */
  done: [status: 200 | 202 | 204 | 303, answer: 'SessionView' | 'SessionList' | 'nothing']
  refusals: ProblemCode[]
}

const noVerification = ['verification_session_not_found', 'code_expired'] as const satisfies ProblemCode[]
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

const operations: Operation[] = [
  {
    name: 'sendCode',
    method: 'post',
    path: '/auth/otp/send',
    summary: 'Start a verification: a code is mailed',
    body: sendBody,
    namesItself: true,
    done: [202, 'SessionView'],
    refusals: ['rate_limited'],
  },
  {
    name: 'resendCode',
    method: 'post',
    path: '/auth/otp/resend',
    summary: 'Mail a new code for the same verification',
    body: emptyBody,
    namesItself: true,
    done: [202, 'SessionView'],
    refusals: ['rate_limited', 'too_many_attempts', ...noVerification],
  },
  {
    name: 'verifyCode',
    method: 'post',
    path: '/auth/otp/verify',
    summary: 'Check a code, and be signed in',
    body: verifyBody,
    done: [200, 'SessionView'],
    refusals: ['code_malformed', 'code_incorrect', 'too_many_attempts', 'rate_limited', ...noVerification],
  },
  {
    name: 'cancelVerification',
    method: 'delete',
    path: '/auth/otp',
    summary: 'Cancel the verification',
    body: emptyBody,
    done: [204, 'nothing'],
    refusals: [],
  },
  {
    name: 'readSession',
    method: 'get',
    path: '/auth/session',
    summary: 'Where the session stands',
    done: [200, 'SessionView'],
    refusals: [],
  },
  {
    name: 'logout',
    method: 'post',
    path: '/auth/logout',
    summary: 'Sign out here, or everywhere',
    body: logoutBody,
    done: [204, 'nothing'],
    refusals: [],
  },
  {
    name: 'listSessions',
    method: 'get',
    path: '/auth/sessions',
    summary: 'The live sign-ins of the account',
    done: [200, 'SessionList'],
    refusals: ['not_signed_in'],
  },
  {
    name: 'endSession',
    method: 'delete',
    path: '/auth/sessions/{id}',
    summary: 'End one of them',
    body: emptyBody,
    done: [204, 'nothing'],
    refusals: ['not_signed_in', 'not_found'],
  },
  {
    name: 'check',
    method: 'get',
    path: '/auth/check',
    summary: 'For a proxy: who is signed in, in X-Holdfast-Account and X-Holdfast-Email',
    done: [204, 'nothing'],
    refusals: ['not_signed_in'],
  },
  {
    name: 'returnTo',
    method: 'get',
    path: '/auth/return',
    summary: 'Lead on to return_to, where that is allowed and somebody is signed in',
    done: [303, 'nothing'],
    refusals: [],
  },
]

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

function describe({ name, method, path, summary, body, namesItself, done, refusals }: Operation): object {
  const codes = [...refusals, ...(method === 'get' ? [] : unsafe), ...always]
  return {
    summary,
    operationId: name,
    parameters: [...parametersOf(path), ...(namesItself ? [idempotencyKey] : [])],
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
