import { EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import { findFreePort } from './free-port.ts'

export interface ReceivedMail {
  /** The envelope: whom the server was told to deliver to. */
  recipients: string[]
  message: ParsedMail
  /** The code that stands alone on a line of the text part. */
  code: string
  messageId: string
  /** When its sender began it, before any of its text was there, on this process's monotonic clock. */
  beganAtMs: number
  /** When it was read to its end. */
  atMs: number
  /** The sender was told that it is taken over. */
  wasConfirmed: boolean
}

/**
 * What a mail server does wrong: it answers 451 to every second recipient and to every other mail, or no more, or
 * breaks the line when a mail is read to its end.
 */
export type MailFault = 'deferred' | 'hung' | 'cut'

/** A real SMTP server that takes every mail and keeps it. No TLS, nobody to authenticate. */
export class SmtpSink {
  readonly mails: ReceivedMail[] = []
  /** How often the fault that it has now was met. */
  faultsMet = 0
  readonly #events = new EventEmitter()
  readonly #taken = new Set<ReceivedMail>()
  readonly #refused = new Map<string, { reason: string; responseCode: number }>()
  readonly #sockets = new Map<number, Socket>()
  #mayAnswer: Promise<void> = Promise.resolve()
  #fault: MailFault | undefined
  #recipients = 0
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
        this.#recipients += 1
        const refusal =
          this.#refused.get(address) ?? (this.#recipients % 2 === 0 ? this.#deferral() : undefined)
        done(refusal === undefined ? null : Object.assign(new Error(refusal.reason), refusal))
      },
      onData: (stream, session, done) => {
        const beganAtMs = performance.now()
        simpleParser(stream).then((message) => {
          const deferral = this.#deferral()
          if (deferral !== undefined) return done(Object.assign(new Error(deferral.reason), deferral))
          const recipients = session.envelope.rcptTo.map(({ address }) => address)
          const text = { recipients, message, beganAtMs }
          return this.#receive(text, session.remotePort, done)
        }, done)
      },
    })
    // A client that is killed in the middle of a mail is what these tests are about.
    server.on('error', () => {})
    server.server.on('connection', (socket: Socket) => {
      const { remotePort = 0 } = socket
      this.#sockets.set(remotePort, socket)
      socket.on('close', () => this.#sockets.delete(remotePort))
    })
    this.#port ||= await findFreePort()
    await new Promise<void>((resolve, reject) => {
      server.server.once('error', reject)
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#server = server
  }

  async close(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await new Promise<void>((resolve) => server.close(resolve))
  }

  /** Breaks every connection and takes no further one, until `open`. */
  async disappear(): Promise<void> {
    const closed = this.close()
    for (const socket of this.#sockets.values()) socket.destroy()
    await closed
  }

  /** Answers 550, or another code, and `reason` from now on to whoever sends to `address`. */
  refuse(address: string, reason: string, responseCode = 550): void {
    this.#refused.set(address, { reason, responseCode })
  }

  /** Takes mails to `address` again. */
  accept(address: string): void {
    this.#refused.delete(address)
  }

  /** Keeps every sender waiting, once its mail is read, for the reply that takes it over: until the call back. */
  holdReplies(): () => void {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#mayAnswer = promise
    return resolve
  }

  /** Does this wrong from now on, until the call back. */
  misbehave(fault: MailFault): () => void {
    this.#fault = fault
    this.faultsMet = 0
    const answer = fault === 'hung' ? this.holdReplies() : () => {}
    return () => {
      this.#fault = undefined
      answer()
    }
  }

  /** The mails to an address, in the order in which they came. */
  mailsTo(address: string): ReceivedMail[] {
    return this.mails.filter(({ recipients }) => recipients.includes(address))
  }

  /** Resolves when another mail to an address comes; rejects when `signal` aborts first. */
  async mailTo(address: string, signal: AbortSignal): Promise<void> {
    await once(this.#events, address, { signal })
  }

  /** The next mail to an address that no earlier call was given. */
  async nextMail(address: string): Promise<ReceivedMail> {
    const waiting = this.mails.find((mail) => mail.recipients.includes(address) && !this.#taken.has(mail))
    if (waiting === undefined) await once(this.#events, address)
    else this.#taken.add(waiting)
    return waiting ?? this.nextMail(address)
  }

  #deferral(): { reason: string; responseCode: number } | undefined {
    if (this.#fault !== 'deferred') return undefined
    this.faultsMet += 1
    return { reason: 'try again later', responseCode: 451 }
  }

  async #receive(
    { recipients, message, beganAtMs }: Pick<ReceivedMail, 'recipients' | 'message' | 'beganAtMs'>,
    port: number,
    done: () => void,
  ): Promise<void> {
    const socket = this.#sockets.get(port)
    const isCut = this.#fault === 'cut'
    if (this.#fault !== undefined) this.faultsMet += 1
    const mail: ReceivedMail = {
      recipients,
      message,
      code: /^\d+$/m.exec(message.text ?? '')?.[0] ?? '',
      messageId: message.messageId ?? '',
      beganAtMs,
      atMs: performance.now(),
      wasConfirmed: false,
    }
    this.mails.push(mail)
    if (isCut) socket?.destroy()
    for (const address of recipients) this.#events.emit(address)
    if (isCut) return
    await this.#mayAnswer
    mail.wasConfirmed = socket !== undefined && !socket.destroyed
    done()
  }
}
