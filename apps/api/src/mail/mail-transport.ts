import type { Mail } from './code-mail.ts'

/** What became of a mail. `delayed` may be tried again, `failed` may not, `unknown` may have arrived. */
export type HandOver =
  | { delivery: 'sent'; reply: string }
  | { delivery: 'delayed' | 'failed' | 'unknown'; reply: string }

/** Hands mails over: to a mail server, or in development to the mailbox and the log. Never throws. */
export interface MailTransport {
  /** How many mails it takes at once. */
  readonly capacity: number
  handOver(mail: Mail): Promise<HandOver>
  /** Gives up what is being handed over: it is `delayed`, and due again in seconds. */
  close(): void
}
