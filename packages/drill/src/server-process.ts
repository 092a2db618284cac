import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, on, once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const ownMain = fileURLToPath(new URL('../../../apps/api/bin/holdfast-api.mjs', import.meta.url))
const readyMessage = /^Holdfast is ready: open (\S+)$/

// Should the test runner itself be stopped, no server outlives it.
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const server of running) server.kill('SIGKILL')
})

export interface LogLine {
  level: string
  message: string
  [field: string]: unknown
}

export interface ServerOptions {
  /** The working folder, and the whole environment but for `PATH`. */
  folder: string
  env: Record<string, string>
  args?: readonly string[]
  /** The program that starts it, if it is that of another release. */
  main?: string
  /** The words of a program that runs it, such as `unshare`, and becomes it or passes signals on. */
  under?: readonly string[]
}

/** One run of the real server, started as its users start it. It logs JSON lines, which are kept. */
export class ServerProcess {
  readonly logs: LogLine[] = []
  /** Everything it wrote, standard output and standard error, as it was written. */
  output = ''
  stderr = ''
  /** Settles once the process is gone and its streams are read; null after a signal. */
  readonly exited: Promise<number | null>
  readonly #process: ChildProcess
  readonly #events = new EventEmitter()
  #hasEnded = false

  constructor({ folder, env, args = [], main = ownMain, under = [] }: ServerOptions) {
    const words = [...under, process.execPath, '--disable-warning=ExperimentalWarning', main, ...args]
    this.#process = spawn(words[0] as string, words.slice(1), {
      cwd: folder,
      env: { PATH: process.env.PATH, LOG_FORMAT: 'json', PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const { stdout, stderr } = this.#process
    this.#events.setMaxListeners(0)
    if (stdout === null || stderr === null) throw new Error('expected pipes from the server process')
    stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
    })
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.output += text
      this.stderr += text
    })
    createInterface({ input: stdout }).on('line', (line) => this.#read(line))
    running.add(this.#process)
    this.exited = once(this.#process, 'close').then(([code]) => {
      running.delete(this.#process)
      this.#hasEnded = true
      this.#events.emit('end')
      return code
    })
  }

  /** The first log line, past or future, that `matches`. Rejects when the process ends without one. */
  async log(matches: (line: LogLine) => boolean): Promise<LogLine> {
    const known = this.logs.find(matches)
    if (known !== undefined) return known
    if (!this.#hasEnded) {
      for await (const [line] of on(this.#events, 'line', { close: ['end'] })) if (matches(line)) return line
    }
    throw new Error(`the server ended without the expected log line; it wrote:\n${this.output}`)
  }

  /** Resolves once it listens, with the origin that people open and the port that it got. */
  async ready(): Promise<{ origin: string; port: number }> {
    const line = await this.log(({ message }) => readyMessage.test(message))
    return { origin: readyMessage.exec(line.message)?.[1] ?? '', port: Number(line.port) }
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('expected that the server process was started')
    return this.#process.pid
  }

  signal(name: 'SIGHUP' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#process.kill(name)
  }

  /** Asks it to end, as a deploy does; resolves with the exit code. */
  stop(): Promise<number | null> {
    this.#process.kill('SIGTERM')
    return this.exited
  }

  /** Ends it in the middle of whatever it does; resolves once it is gone. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.exited
  }

  #read(text: string): void {
    const line = JSON.parse(text) as LogLine
    this.logs.push(line)
    this.#events.emit('line', line)
  }
}
