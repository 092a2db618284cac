import { parseEmailAddress } from '@holdfast/core'
import {
  createReplyMask,
  type DkimKey,
  envelopeOf,
  type MailLogin,
  mailConnections,
  mailHeaders,
  oneRecipient,
  smtpOptionsFor,
} from '@holdfast/settings'
import { createTransport } from 'nodemailer'
import type MimeNode from 'nodemailer/lib/mime-node'
import SMTPTransport from 'nodemailer/lib/smtp-transport'
import type { Mail } from './code-mail.ts'
import { explainFailure, type Progress } from './explain-failure.ts'
import type { HandOver, MailTransport } from './mail-transport.ts'
import { replyText } from './reply-text.ts'

/** Beside each that is on its way one that waits, so that no connection waits for a commit. */
const mailsForEach = 2

/** Hands mails to an SMTP server over a pool of connections. */
export function createSmtpTransport(options: {
  url: string
  from: string
  /** Without it mails go out unsigned. */
  dkim?: DkimKey | undefined
  /** With it each mail says in a header for which origin its code is. (draft-goto-otp-token-01) */
  tokenOrigin?: string | undefined
}): MailTransport {
  const { tokenOrigin } = options
  const transporter = createTransport(
    {
      ...smtpOptionsFor(options.url),
      pool: true,
      maxConnections: mailConnections,
      // Making a new one is the slowest part of a mail. A server that wants fewer over one connection ends it.
      maxMessages: 1_000,
      // A connection that the server has closed meanwhile costs no try: not a byte of the mail was sent over it.
      maxRequeues: 1,
      ...(options.dkim === undefined ? {} : { dkim: options.dkim }),
    },
    { headers: mailHeaders },
  )
  const maskReply = createReplyMask(loginOf(options.url))
  const closing = new AbortController()
  const underWay = new WeakMap<AbortSignal, Progress>()

  transporter.use('stream', ({ data, message }, done) => {
    const progress = data.signal && underWay.get(data.signal)
    if (progress !== undefined) followMail(message, progress)
    done()
  })

  return {
    capacity: mailConnections * mailsForEach,

    async handOver(mail: Mail, deadline: AbortSignal): Promise<HandOver> {
      const parsed = parseEmailAddress(mail.to)
      if (!parsed.ok || parsed.email !== mail.to) {
        return { delivery: 'failed', reply: 'the recipient is not one address in its canonical form' }
      }
      const mask = (text: string) => maskReply(text, mail.code)
      const signal = AbortSignal.any([closing.signal, deadline])
      const progress: Progress = { stage: 'connecting' }
      underWay.set(signal, progress)
      try {
        const info = await transporter.sendMail({
          from: options.from,
          to: oneRecipient(mail.to),
          envelope: envelopeOf({ from: options.from, to: mail.to }),
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          messageId: mail.messageId,
          ...(tokenOrigin === undefined ? {} : { otp: { code: mail.code, origin: tokenOrigin } }),
          signal,
        })
        return { delivery: 'sent', reply: replyText(info.response, mask) }
      } catch (error) {
        return explainFailure(error, { ...progress, isStopping: closing.signal.aborted }, mask)
      }
    },

    close() {
      closing.abort()
      transporter.close()
    },
  }
}

/** As nodemailer reads them: what it sends is what must not come back. */
function loginOf(url: string): MailLogin | undefined {
  const login = new SMTPTransport(smtpOptionsFor(url)).getAuth({})
  return login ? login.credentials : undefined
}

/** Notes how far a mail comes: the pool reads it once a connection is ready for it, and then sends the final dot. */
function followMail(message: MimeNode, progress: Progress): void {
  const createReadStream = message.createReadStream.bind(message)
  message.createReadStream = (options) => {
    progress.stage = 'offering'
    const text = createReadStream(options)
    text.once('end', () => {
      progress.stage = 'given'
    })
    return text
  }
  // The pool notes in it how a conversation went, and would take that for the outcome of the next one.
  const getEnvelope = message.getEnvelope.bind(message)
  message.getEnvelope = () => ({ ...getEnvelope() })
}
