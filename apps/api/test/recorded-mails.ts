import type { Mail } from '../src/mail/code-mail.ts'
import type { HandOver, MailTransport } from '../src/mail/mail-transport.ts'

/** A mail transport that takes every mail and hands it to the test. */
export class RecordedMails implements MailTransport {
  readonly capacity = 64
  readonly all: Mail[] = []
  #unread: Mail[] = []
  #readers: { to: string; resolve: (mail: Mail) => void }[] = []
  answer: (mail: Mail, deadline: AbortSignal) => HandOver | Promise<HandOver> = () => ({
    delivery: 'sent',
    reply: '250 OK',
  })

  async handOver(mail: Mail, deadline: AbortSignal): Promise<HandOver> {
    this.all.push(mail)
    const reader = this.#readers.find(({ to }) => to === mail.to)
    if (reader === undefined) this.#unread.push(mail)
    else {
      this.#readers = this.#readers.filter((other) => other !== reader)
      reader.resolve(mail)
    }
    return this.answer(mail, deadline)
  }

  /** The oldest mail to that address that was not read yet; waits for it. */
  next(to: string): Promise<Mail> {
    const mail = this.#unread.find((unread) => unread.to === to)
    if (mail === undefined) return new Promise((resolve) => this.#readers.push({ to, resolve }))
    this.#unread = this.#unread.filter((other) => other !== mail)
    return Promise.resolve(mail)
  }

  close(): void {}
}

/** A code of the same length that is not that one. */
export function wrongCode(code: string, offset = 1): string {
  return String((Number(code) + offset) % 10 ** code.length).padStart(code.length, '0')
}
