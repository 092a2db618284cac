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
  command?: string
  message?: string
}

/** What a mail that was not taken over came to. docs/mail.md has the table. (RFC 5321 section 4.2.1) */
export function explainFailure(
  error: unknown,
  { stage, isStopping }: Progress & { isStopping: boolean },
  mailCode: string,
): HandOver {
  const { code, responseCode, command = '', message = 'no reply' } = error as SmtpError
  const isGivenUp = code === 'EABORT'
  const givenUp = `given up ${givenUpWhen[stage]}: ${isStopping ? 'this server stops' : 'no answer in time'}`
  const reply = replyText(isGivenUp ? givenUp : message, mailCode)
  const kind = kindOf(responseCode)
  if (kind === undefined) {
    return { delivery: stage === 'given' ? 'unknown' : 'delayed', reply, isServersFault: !isStopping }
  }
  const isAboutMail = /^(MAIL|RCPT|DATA)/.test(command) && !isAboutSession(responseCode)
  if (!isAboutMail) return { delivery: 'delayed', reply, isServersFault: true }
  return { delivery: kind === 'permanent' ? 'failed' : 'delayed', reply }
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
  return responseCode === 421 || responseCode === 503 || (responseCode >= 530 && responseCode <= 538)
}
