import { reasons } from '@holdfast/core'
import { z } from 'zod'
import { problemCodes } from './problem.ts'

/*
 * What the answers look like, for the description of the API. The server does not check its own answers by
 * these; a test does.
 */

const time = z.iso.datetime().describe('ISO 8601, UTC')
const token = z.string().optional().describe('to a bearer, when there is a new one')
const reference = z.string().describe('to quote to support; no secret')

const signIn = z.strictObject({
  id: z.string(),
  authTime: time,
  expiresAt: time,
  amr: z.tuple([z.literal('otp')]),
})

export const sessionView = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('anonymous'), token }),
  z.strictObject({
    state: z.literal('code_sent'),
    verification: z.strictObject({
      reference,
      type: z.enum(['login', 'signup']),
      email: z.string().describe('masked'),
      sentAt: time,
      expiresAt: time,
      resendAt: time,
      sends: z.int(),
      attemptsLeft: z.int(),
      codeLength: z.int(),
      delivery: z.enum(['queued', 'sent', 'delayed', 'failed', 'unknown']),
    }),
    token,
  }),
  z.strictObject({
    state: z.literal('signed_in'),
    account: z.strictObject({ id: z.string(), email: z.string() }),
    signIn,
    token,
  }),
])

export const sessionList = z.strictObject({
  sessions: z.array(
    signIn.extend({ lastSeenAt: time, current: z.boolean().describe('the one that asks') }).strict(),
  ),
  token,
})

export const problem = z.strictObject({
  type: z.string().describe('urn:holdfast:problem: and the code'),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.enum(problemCodes),
  requestId: z.string(),
  reference: reference.optional(),
  reason: z.enum(reasons).optional(),
  attemptsLeft: z.int().optional(),
  errors: z.array(z.strictObject({ path: z.string(), message: z.string() })).optional(),
})
