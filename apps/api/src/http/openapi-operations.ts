import type { z } from 'zod'
import type { ProblemCode } from './problem.ts'
import { emptyBody } from './routes/empty-body.ts'
import { logoutBody } from './routes/logout.ts'
import { sendBody } from './routes/send.ts'
import { verifyBody } from './routes/verify.ts'

/** A call, as it is described to programs. */
export interface Operation {
  name: string
  method: 'get' | 'post' | 'delete'
  path: string
  summary: string
  body?: z.ZodType
  takesIdempotencyKey?: boolean
  /** What the call answers when it is done: a status, and what is in the answer. */
  done: [status: 200 | 202 | 204 | 303, answer: 'SessionView' | 'SessionList' | 'nothing']
  refusals: ProblemCode[]
}

const noVerification = ['verification_session_not_found', 'code_expired'] as const satisfies ProblemCode[]
export const operations: readonly Operation[] = [
  {
    name: 'sendCode',
    method: 'post',
    path: '/auth/otp/send',
    summary: 'Start a verification: a code is mailed',
    body: sendBody,
    takesIdempotencyKey: true,
    done: [202, 'SessionView'],
    refusals: ['rate_limited'],
  },
  {
    name: 'resendCode',
    method: 'post',
    path: '/auth/otp/resend',
    summary: 'Mail a new code for the same verification',
    body: emptyBody,
    takesIdempotencyKey: true,
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
