import type { Reason } from '@holdfast/core'
import type { Middleware, ParameterizedContext } from 'koa'
import type { AnsweredReject } from '../rejects.ts'
import type { SessionBlob } from '../session-blobs.ts'
import type { ProblemCode } from './problem.ts'
import type { PageProblem } from './rendered-page.ts'

/** What the client presented as its session, before the store was asked. */
export type PresentedSession =
  | { ok: true; sessionId: string; sessionKey: string; kid: string; transport: Transport }
  /** `kid` where the token names a key. */
  | { ok: false; reason: Reason; kid?: string; transport: Transport }

export type Transport = 'cookie' | 'bearer'

export interface HttpState {
  requestId: string
  /** The bytes of the body, where one was sent: all there, or refused. */
  body?: Promise<Buffer>
  /** A hash of its Idempotency-Key and body; absent where it has no key. */
  requestName?: string
  /** The id that a session begun by this request gets, so that its repetition begins the same one. */
  begunSessionId?: string
  presented: PresentedSession
  /** The key that the token was signed with which the client sent. */
  presentedKid?: string
  /** Why the session that was presented did not hold. */
  reason?: Reason
  problem?: ProblemCode
  /** What the problem says, and how long to wait. */
  told?: PageProblem
  /** What the problem is to be quoted by. */
  reference?: string
  /** That a session, sign-in or verification was not accepted. */
  reject?: AnsweredReject
  /** The token of a session that was saved or made anew while this request was handled. */
  token?: string
  /** The id that the next session is to have; without one it is random. */
  nextSessionId?: string
  /** The session that the next one takes the place of. */
  replacedSessionId?: string
}

/** koa-session's session, as far as it is used here. */
export interface HttpSession extends SessionBlob {
  readonly externalKey: string
  readonly isNew: boolean
  readonly maxAge: number
  /** Until when its cookie lasts, by the clock of the system. */
  readonly _expire?: number
  save(): Promise<void>
  regenerate(): Promise<void>
  manuallyCommit(): Promise<void>
}

export interface HttpExtras {
  session: HttpSession | null
  /** What the router read from the path. */
  params?: Record<string, string>
}

export type HttpContext = ParameterizedContext<HttpState, HttpExtras>
export type HttpMiddleware = Middleware<HttpState, HttpExtras>
