import { type ChildProcess, fork } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromSink, ToSink } from './peers/mail-sink.ts'

/** A mail server in a process of its own, that comes and goes. Times are on a clock that processes share. */
export class MailSink {
  readonly #process: ChildProcess = fork(fileURLToPath(new URL('./peers/mail-sink.ts', import.meta.url)))
  readonly #events = new EventEmitter()
  /** When each recipient's first mail came, since the server was opened. */
  readonly atMs = new Map<string, number>()
  /** All mails since then, second copies as well. */
  mails = 0
  /** The first of them, as it came. */
  sample = ''

  constructor() {
    this.#events.setMaxListeners(0)
    this.#process.on('message', (told: FromSink) => this.#hear(told))
  }

  /** Listens from now on; resolves with the time. */
  async open(port: number): Promise<number> {
    this.atMs.clear()
    this.mails = 0
    const opened = once(this.#events, 'opened')
    this.#tell({ task: 'open', port })
    const [{ atMs }] = await opened
    return atMs
  }

  async close(): Promise<void> {
    const closed = once(this.#events, 'closed')
    this.#tell({ task: 'close' })
    await closed
  }

  async end(): Promise<void> {
    const exited = once(this.#process, 'exit')
    this.#process.disconnect()
    await exited
  }

  /** Resolves once somebody has a mail, with when it came. */
  async mailTo(recipient: string): Promise<number> {
    if (!this.atMs.has(recipient)) await once(this.#events, recipient)
    return this.atMs.get(recipient) ?? Number.NaN
  }

  /** Resolves once every one of them has a mail, with when the first and the last came. */
  async mailsTo(recipients: readonly string[]): Promise<{ firstAtMs: number; lastAtMs: number }> {
    const times = await Promise.all(recipients.map((recipient) => this.mailTo(recipient)))
    return { firstAtMs: Math.min(...times), lastAtMs: Math.max(...times) }
  }

  #hear(told: FromSink): void {
    if (told.event !== 'mail') {
      this.#events.emit(told.event, told)
      return
    }
    this.mails += 1
    this.sample = told.text ?? this.sample
    if (this.atMs.has(told.recipient)) return
    this.atMs.set(told.recipient, told.atMs)
    this.#events.emit(told.recipient)
  }

  #tell(task: ToSink): void {
    this.#process.send(task)
  }
}
