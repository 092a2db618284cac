import { EventEmitter, once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { createInterface } from 'node:readline'

/** What a client says next; `.` is the end of a mail. */
export type Verb = 'EHLO' | 'MAIL' | 'RCPT' | 'DATA' | '.'

/** A mail that was read to its end, whether or not the sender was told so. */
export interface HeldMail {
  recipient: string
  code: string
  messageId: string
}

const replies: Record<string, string> = { DATA: '354 go on', QUIT: '221 bye' }

/** A mail server that can keep a client waiting for the answer to any verb, so that something can happen meanwhile. */
export class HeldMailServer {
  readonly mails: HeldMail[] = []
  readonly #events = new EventEmitter()
  readonly #sockets = new Set<Socket>()
  /** Where each of the next mails is to fall silent. */
  #holds: Verb[] = []
  #owed: (() => void)[] = []
  readonly #server: Server

  private constructor() {
    this.#server = createServer((socket) => this.#converse(socket))
  }

  static async open(): Promise<HeldMailServer> {
    const held = new HeldMailServer()
    held.#server.listen(0, '127.0.0.1')
    await once(held.#server, 'listening')
    return held
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Falls silent with each of the next mails, at one of the verbs each; resolves once it has with all of them. */
  async holdAt(...verbs: Verb[]): Promise<void> {
    this.#holds = [...verbs]
    while (this.#owed.length < verbs.length) await once(this.#events, 'held')
  }

  /** Gives every answer that is owed. */
  release(): void {
    const owed = this.#owed
    this.#owed = []
    for (const answer of owed) answer()
  }

  mailsTo(address: string): HeldMail[] {
    return this.mails.filter(({ recipient }) => recipient === address)
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
    await once(this.#server, 'close')
  }

  #converse(socket: Socket): void {
    let hold = this.#holds.shift()
    this.#sockets.add(socket)
    // A client that is killed in the middle of a mail is what these tests are about.
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
    const answer = (verb: string, reply: string) => {
      if (verb !== hold) return socket.write(`${reply}\r\n`)
      hold = undefined
      this.#owed.push(() => socket.destroyed || socket.write(`${reply}\r\n`))
      return this.#events.emit('held')
    }
    let recipient = ''
    let lines: string[] | undefined
    answer('greeting', '220 held ESMTP')
    const heard = createInterface({ input: socket })
    // Reports the errors of its input once more.
    heard.on('error', () => {})
    heard.on('line', (line) => {
      if (lines !== undefined && line !== '.') {
        lines.push(line)
        return
      }
      const verb = lines === undefined ? line.slice(0, 4).toUpperCase() : '.'
      // A connection that is kept for another mail.
      if (verb === 'MAIL') hold ??= this.#holds.shift()
      if (verb === '.') this.mails.push(readMail(recipient, lines ?? []))
      if (verb === 'RCPT') recipient = /<(.*)>/.exec(line)?.[1] ?? ''
      lines = verb === 'DATA' ? [] : undefined
      answer(verb, replies[verb] ?? '250 OK')
    })
  }
}

function readMail(recipient: string, lines: readonly string[]): HeldMail {
  const message = lines.join('\n')
  return {
    recipient,
    code: /^\d{6}$/m.exec(message)?.[0] ?? '',
    messageId: /^Message-ID: (.*)$/im.exec(message)?.[1] ?? '',
  }
}
