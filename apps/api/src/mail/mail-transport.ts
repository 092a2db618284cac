import type { Delivery } from '@holdfast/core'
import type { Mail } from './code-mail.ts'

/** What became of a mail, and what the mail server said to it. */
export interface HandOver {
  /** `delayed` may be tried again, `failed` may not; `unknown` may have arrived, and may be tried again. */
  delivery: Exclude<Delivery, 'queued'>
  reply: string
  /** It was the mail server, and not this mail: any other would have met the same. */
  isServersFault?: boolean
  /** The whole mail is there, and no reply came in time: the server may only be slow. */
  isUnanswered?: boolean
}

/** Hands mails over: to a mail server, or in development to the mailbox and the log. Never throws. */
export interface MailTransport {
  /** How many mails it takes at once. */
  readonly capacity: number
  /** Gives up when `deadline` aborts. */
  handOver(mail: Mail, deadline: AbortSignal): Promise<HandOver>
  /** Gives up what is being handed over. */
  close(): void
}
