import { EventEmitter, on } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'

export interface ReceivedMail {
  /** The envelope: whom the server was told to deliver to. */
  recipients: string[]
  message: ParsedMail
  /** The code that stands alone on a line of the text part. */
  code: string
}

/** A real SMTP server that takes every mail and keeps it. No TLS, nobody to authenticate. */
export class SmtpSink {
  readonly mails: ReceivedMail[] = []
  readonly #events = new EventEmitter()
  readonly #taken = new Set<ReceivedMail>()
  readonly #refused = new Map<string, string>()
  #mayAccept: Promise<void> = Promise.resolve()
  #server: SMTPServer | undefined
  #port = 0

  constructor() {
    this.#events.setMaxListeners(0)
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}`
  }

  /** Listens; again, after `close`, on the port that it had. */
  async open(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['AUTH', 'STARTTLS'],
      onRcptTo: ({ address }, _session, done) => {
        const reason = this.#refused.get(address)
        done(reason === undefined ? null : Object.assign(new Error(reason), { responseCode: 550 }))
      },
      onData: (stream, session, done) => {
        simpleParser(stream).then((message) => {
          const recipients = session.envelope.rcptTo.map(({ address }) => address)
          this.#receive({ recipients, message, code: /^\d+$/m.exec(message.text ?? '')?.[0] ?? '' })
          this.#mayAccept.then(() => done())
        }, done)
      },
    })
    // A client that is killed in the middle of a mail is what these tests are about.
    server.on('error', () => {})
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.server.address() as AddressInfo).port
    this.#server = server
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await new Promise<void>((resolve) => server.close(resolve))
  }

  /** Answers 550 and `reason` from now on to whoever sends to `address`. */
  refuse(address: string, reason: string): void {
    this.#refused.set(address, reason)
  }

  /** Keeps every sender waiting, once its mail is read, for the reply that takes it over: until the call back. */
  holdReplies(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#mayAccept = promise
    return resolve
  }

  /** The next mail to an address that no earlier call was given. */
  async nextMail(address: string): Promise<ReceivedMail> {
    const isNext = (mail: ReceivedMail) => mail.recipients.includes(address) && !this.#taken.has(mail)
    const waiting = this.mails.find(isNext)
    if (waiting !== undefined) return this.#take(waiting)
    for await (const [mail] of on(this.#events, 'mail')) if (isNext(mail)) return this.#take(mail)
    throw new Error('unreachable: the events of a sink do not end')
  }

  #receive(mail: ReceivedMail): void {
    this.mails.push(mail)
    this.#events.emit('mail', mail)
  }

  #take(mail: ReceivedMail): ReceivedMail {
    this.#taken.add(mail)
    return mail
  }
}
