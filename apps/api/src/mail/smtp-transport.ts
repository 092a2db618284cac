import { parseEmailAddress } from '@holdfast/core'
import { type DkimKey, mailDeadlineMs, smtpOptionsFor } from '@holdfast/settings'
import { createTransport } from 'nodemailer'
import type { Mail } from './code-mail.ts'
import type { HandOver, MailTransport } from './mail-transport.ts'
import { replyText } from './reply-text.ts'

const connections = 5

/** Hands mails to an SMTP server over a pool of connections. */
export function createSmtpTransport(options: {
  url: string
  from: string
  /** Without it mails go out unsigned. */
  dkim?: DkimKey | undefined
}): MailTransport {
  const transporter = createTransport(
    {
      ...smtpOptionsFor(options.url),
      pool: true,
      maxConnections: connections,
      maxRequeues: 0,
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
          signal: AbortSignal.any([closing.signal, AbortSignal.timeout(mailDeadlineMs)]),
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
