import type { NodemailerError } from 'nodemailer'
import { certificateFault } from './certificate-fault.ts'
import { connectionFault } from './connection-fault.ts'
import { replyFault } from './reply-fault.ts'

/** Why a message was not taken, and what to do about it. */
export interface Diagnosis {
  code: string
  says: string
  remedy: string
}

/** What a diagnosis needs to know of the session that failed. */
export interface FailedSession {
  error: NodemailerError
  /** The step that was never answered; `undefined` where the server answered every one. */
  step: string | undefined
  host: string
  port: number
  /** TLS begins with the connection: `smtps://`. */
  isSecure: boolean
  hasLogin: boolean
  isLoginOffered: boolean
  from: string
  to: string
  deadlineMs: number
}

export function diagnose(session: FailedSession): Diagnosis {
  return certificateFault(session) ?? replyFault(session) ?? connectionFault(session)
}
