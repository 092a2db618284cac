import { EventEmitter, once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { portOfItsOwn } from './port-of-its-own.ts'
import { converse } from './smtp-conversation.ts'

export interface ReceivedMail {
  from: string
  /** Every RCPT TO of the envelope. */
  to: string[]
  data: string
}

/** Where in a conversation a script may step in; `text` is the first line of a mail, `.` its end. */
export type SmtpStep =
  | 'greeting'
  | 'EHLO'
  | 'HELO'
  | 'STARTTLS'
  | 'AUTH'
  | 'MAIL'
  | 'RCPT'
  | 'DATA'
  | 'text'
  | '.'
  | 'RSET'
  | 'QUIT'

/** What the peer does at a step instead of going on. */
export type SmtpAct =
  | { reply: string }
  /** The line has no end. */
  | { replyAndHangUp: string }
  /** One character after the other, for ever. */
  | { drip: string; everyMs: number }
  /** So many bytes of a reply that has no end. */
  | { flood: number }
  | 'hang'
  | 'hang up'

export type SmtpScript = (step: SmtpStep) => SmtpAct | undefined

export interface SmtpPeerOptions {
  script?: SmtpScript
  /** The peer offers STARTTLS. */
  tls?: { key: string; cert: string }
  /** The peer offers to take a login, and takes any. */
  takesLogins?: boolean
  /** The peer offers to hear the commands of a mail in one go. */
  pipelines?: boolean
}

/** A mail server on loopback that takes what it is given, remembers it, and goes by a script where there is one. */
export async function startSmtpPeer(options: SmtpPeerOptions = {}) {
  const mails: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  const events = new EventEmitter()
  let { script = goOn } = options
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    converse(socket, {
      ...options,
      actAt(step) {
        const act = script(step)
        if (act !== undefined) setImmediate(() => events.emit('act'))
        return act
      },
      take: (mail) => mails.push(mail),
    })
  })
  const port = await portOfItsOwn()
  async function open(): Promise<void> {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  async function close(): Promise<void> {
    const closed = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await closed
  }
  await open()
  return {
    mails,
    url: `smtp://127.0.0.1:${port}`,
    /** Listens again, after `close`. */
    open,
    /** Breaks every connection and refuses further ones. */
    close,
    /** Resolves when the script steps in the next time. */
    act: () => once(events, 'act'),
    follow(other: SmtpScript) {
      script = other
    },
    /** Takes everything from now on. */
    behave() {
      script = goOn
    },
    get connections() {
      return sockets.size
    },
    [Symbol.asyncDispose]: close,
  }
}

const goOn: SmtpScript = () => undefined

/** Acts at one step alone. */
export function at(step: SmtpStep, act: SmtpAct): SmtpScript {
  return (met) => (met === step ? act : undefined)
}
