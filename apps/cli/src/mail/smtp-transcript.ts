import type { PeerCertificate } from 'node:tls'
import { type ReplyMask, replyCodes } from '@holdfast/settings'

/** One step of an SMTP session: how long it took, and what came of it. */
export interface SmtpStep {
  /** The verb, or what happens between verbs. */
  name: string
  /** `undefined` while it lasts. */
  ms: number | undefined
  /** The reply on one line, or what else came of it. */
  says: string
  /** The code of the reply, where there is one. */
  replyCode: number | undefined
}

/** What nodemailer tells its logger, as far as it matters here. */
interface LogEntry {
  tnx?: string
  source?: string
  resolved?: string
  remoteAddress?: string
  remotePort?: number
  outByteCount?: number
}

export interface SmtpTranscriptOptions {
  /** Milliseconds. */
  clock: () => number
  /** TLS begins with the connection. */
  isSecure: boolean
  /** Takes out what must not be shown, in whatever form the server repeats it. */
  mask: ReplyMask
}

const mostLength = 400
const verbs = /^(?:EHLO|HELO|STARTTLS|AUTH \S+|MAIL FROM|RCPT TO|DATA|QUIT)/

/** Writes down an SMTP session from what nodemailer logs of it. Commands may overlap: replies come in their order. */
export class SmtpTranscript {
  readonly steps: SmtpStep[] = []
  /** For nodemailer, with `transactionLog`. It takes the one level there is for every other. */
  readonly logger = { debug: (entry: LogEntry, message: unknown) => this.#hear(entry, String(message)) }
  readonly #options: SmtpTranscriptOptions
  readonly #begunAtMs = new Map<SmtpStep, number>()
  #certificate = ''

  constructor(options: SmtpTranscriptOptions) {
    this.#options = options
    this.#begin('DNS lookup')
  }

  /** The step that the server still owes an answer to. */
  get current(): SmtpStep | undefined {
    return this.steps.find(({ ms }) => ms === undefined)
  }

  /** The session is over: the step that was under way ended so, and what was behind it in the line never came up. */
  end(says: string): void {
    this.#finish(says)
    for (let step = this.current; step !== undefined; step = this.current) {
      step.ms = 0
      step.says = 'not reached'
    }
  }

  /** The certificate of the server, once it is known to be good. */
  noteCertificate({ subject, valid_to: validTo }: PeerCertificate): void {
    const until = new Date(validTo).toISOString().slice(0, 10)
    const names = [subject.CN ?? 'no name'].flat()
    this.#certificate = `certificate of ${this.#shown(names.join(', '))}, good until ${until}`
  }

  #hear({ tnx, ...entry }: LogEntry, message: string): void {
    if (tnx === 'dns') {
      const isAddress = entry.resolved === entry.source
      this.#finish(isAddress ? 'an address already' : `${entry.source} is ${entry.resolved}`)
      this.#begin(this.#options.isSecure ? 'connect, TLS' : 'connect')
    }
    if (tnx === 'network' && entry.remoteAddress !== undefined) {
      this.#finish(joined(`to ${entry.remoteAddress}, port ${entry.remotePort}`, this.#certificate))
      this.#begin('greeting')
    }
    if (tnx === 'client') this.#command(message)
    if (tnx === 'server') this.#reply(message)
    if (tnx === 'message' && entry.outByteCount !== undefined) {
      this.#finish(`${entry.outByteCount} bytes`)
      this.#begin('after the dot')
    }
  }

  #command(text: string): void {
    // The first that is said under TLS says that TLS stands.
    if (this.current?.name === 'TLS') this.#finish(joined('agreed', this.#certificate))
    const [verb] = verbs.exec(text) ?? []
    const last = this.steps.at(-1)
    if (verb !== undefined) this.#begin(verb)
    else if (last?.name.startsWith('AUTH')) last.ms = undefined
  }

  #reply(text: string): void {
    const step = this.current
    if (step === undefined) return
    const code = Number(/^\d{3}/.exec(text)?.[0])
    step.replyCode = Number.isNaN(code) ? undefined : code
    this.#finish(step.name.startsWith('AUTH') ? replyCodes(text) : this.#shown(text))
    if (step.name === 'STARTTLS' && code === 220) this.#begin('TLS')
    if (step.name === 'DATA' && code === 354) this.#begin('message')
  }

  #begin(name: string): void {
    const step = { name, ms: undefined, says: '', replyCode: undefined }
    this.#begunAtMs.set(step, this.#options.clock())
    this.steps.push(step)
  }

  #finish(says: string): void {
    const step = this.current
    if (step === undefined) return
    step.ms = this.#options.clock() - (this.#begunAtMs.get(step) ?? 0)
    step.says = says
  }

  /** One bounded line without control characters, the code once, and nothing that is to stay secret. */
  #shown(reply: string): string {
    const [first = '', ...rest] = reply.split(/\r?\n/)
    const lines = [first, ...rest.map((line) => line.replace(/^\d{3}[ -]/, ''))]
    const line = lines
      .join(', ')
      .replace(/^(\d{3})-/, '$1 ')
      .replace(/\p{C}/gu, ' ')
    const kept = this.#options.mask(line)
    return kept.length > mostLength ? `${kept.slice(0, mostLength)} ...` : kept.trim()
  }
}

function joined(...parts: string[]): string {
  return parts.filter(Boolean).join('; ')
}
