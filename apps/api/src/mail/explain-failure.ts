import { replyCodes } from '@holdfast/settings'
import type { HandOver } from './mail-transport.ts'
import { replyText } from './reply-text.ts'

/**
 * How far the conversation about a mail came: no connection was ready for it, it was offered, or its text was given
 * away to the final dot, and the server may have taken it over.
 */
export interface Progress {
  stage: 'connecting' | 'offering' | 'given'
}

interface SmtpError {
  code?: string
  responseCode?: number
  response?: string
  command?: string
  message?: string
}

/** What a mail that was not taken over came to. docs/mail.md has the table. (RFC 5321 section 4.2.1) */
export function explainFailure(
  error: unknown,
  { stage, isStopping }: Progress & { isStopping: boolean },
  mask: (text: string) => string,
): HandOver {
  const { code, responseCode, command = '' } = error as SmtpError
  const givenUp = `given up ${givenUpWhen[stage]}: ${isStopping ? 'this server stops' : 'no answer in time'}`
  const reply = code === 'EABORT' ? givenUp : replyOf(error as SmtpError, mask)
  const kind = kindOf(responseCode)
  if (kind === undefined) {
    const isServersFault = !isStopping
    if (stage !== 'given') return { delivery: 'delayed', reply, isServersFault }
    return { delivery: 'unknown', reply, isServersFault, isUnanswered: code === 'EABORT' && !isStopping }
  }
  const isAboutMail = /^(MAIL|RCPT|DATA)/.test(command) && !isAboutSession(responseCode)
  if (!isAboutMail) return { delivery: 'delayed', reply, isServersFault: true }
  return { delivery: kind === 'permanent' ? 'failed' : 'delayed', reply }
}

function replyOf(error: SmtpError, mask: (text: string) => string): string {
  const { response, message = 'no reply' } = error
  if (response !== undefined && isAboutLogin(error)) return `login not taken: ${replyCodes(response)}`
  return replyText(message, mask)
}

/** A reply that breaks off is not told as one to AUTH; its code tells. (RFC 4954 section 6) */
function isAboutLogin({ code, command = '', responseCode = 0 }: SmtpError): boolean {
  if (code === 'EAUTH' || command.startsWith('AUTH')) return true
  return command === 'CONN' && (responseCode === 454 || isLoginCode(responseCode))
}

const givenUpWhen: Record<Progress['stage'], string> = {
  connecting: 'while the connection was made',
  offering: 'while the mail was offered',
  given: 'after the whole mail was sent',
}

function kindOf(responseCode = 0): 'transient' | 'permanent' | undefined {
  if (responseCode >= 400 && responseCode < 500) return 'transient'
  return responseCode >= 500 && responseCode < 600 ? 'permanent' : undefined
}

/** 421 ends the session; 503 and 530 to 538 say that it is not one yet in which a mail may be sent. (RFC 4954) */
function isAboutSession(responseCode = 0): boolean {
  return responseCode === 421 || responseCode === 503 || isLoginCode(responseCode)
}

function isLoginCode(responseCode: number): boolean {
  return responseCode >= 530 && responseCode <= 538
}
