import { parseEmailAddress } from '@holdfast/core'
import { createTransport } from 'nodemailer'
import { isLoopback } from '../loopback.ts'
import type { Mail } from './code-mail.ts'
import type { DkimKey } from './dkim-key.ts'
import type { HandOver, MailTransport } from './mail-transport.ts'
import { replyText } from './reply-text.ts'

/** One deadline for a whole message: a server that drips a byte now and then defeats every idle timeout. */
const deadlineMs = 10_000
const connections = 5

/**
 * Hands mails to an SMTP server over a pool of connections. TLS is required, except to this very machine or
 * where the URL says `?requireTLS=false`.
 */
export function createSmtpTransport(options: {
  url: string
  from: string
  /** Without it mails go out unsigned. */
  dkim?: DkimKey | undefined
}): MailTransport {
  const isLocal = isLoopback(new URL(options.url).hostname)
  const transporter = createTransport(
    {
      url: options.url,
      pool: true,
      maxConnections: connections,
      maxRequeues: 0,
      connectionTimeout: deadlineMs,
      greetingTimeout: deadlineMs,
      socketTimeout: deadlineMs,
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(isLocal ? { ignoreTLS: true } : { requireTLS: true }),
      ...(options.dkim === undefined ? {} : { dkim: options.dkim }),
    },
    { headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' } },
  )
  const closing = new AbortController()
  const sender = options.from.replace(/^.*<(.*)>$/, '$1')

  return {
    capacity: connections,

    async handOver(mail: Mail): Promise<HandOver> {
      const parsed = parseEmailAddress(mail.to)
      if (!parsed.ok || parsed.email !== mail.to) {
        return { delivery: 'failed', reply: 'the recipient is not one address in its canonical form' }
      }
      try {
        const info = await transporter.sendMail({
          from: options.from,
          // An object is one recipient whatever it holds; a string would be parsed as a list.
          to: { name: '', address: mail.to },
          envelope: { from: sender, to: [mail.to] },
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: mail.messageId,
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(deadlineMs)]),
        })
        return { delivery: 'sent', reply: replyText(info.response, mail.code) }
      } catch (error) {
        return explain(error, mail.code)
      }
    },

    close() {
      closing.abort()
      transporter.close()
    },
  }
}

/** 5xx to the mail itself is the server's last word on it; anything else may pass. (RFC 5321 section 4.2.1) */
function explain(error: unknown, code: string): HandOver {
  const { responseCode, command, message } = error as {
    responseCode?: number
    command?: string
    message?: string
  }
  const reply = replyText(message ?? 'no reply', code)
  const isAboutMail = /^(MAIL|RCPT|DATA)/.test(command ?? '')
  if (isAboutMail && responseCode !== undefined && responseCode >= 500) return { delivery: 'failed', reply }
  return { delivery: 'delayed', reply }
}
