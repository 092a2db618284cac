import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CommandOptions, type CommandResult, runHoldfast } from './holdfast-command.ts'
import { ServerProcess } from './server-process.ts'
import { SmtpSink } from './smtp-sink.ts'

export interface StartOptions {
  env?: Record<string, string>
  args?: readonly string[]
  /** Of another release, or under a program that runs the server; see `ServerOptions`. */
  main?: string
  under?: readonly string[]
}

/** A server that listens. `origin` is what people open; `port` is where it is reached. */
export interface RunningServer {
  process: ServerProcess
  origin: string
  port: number
}

/** What an operator has: a folder, a mail server and settings. Servers come and go on it. */
export interface Installation {
  /** Where the servers run. Holds `data` once one has started. */
  folder: string
  dataFolder: string
  keyFile: string
  mailServer: SmtpSink
  /** Starts a server, settings over those of the installation; resolves once it listens. */
  start(options?: StartOptions): Promise<RunningServer>
  /** Starts a server of which it is not expected that it listens. */
  launch(options?: StartOptions): ServerProcess
  /** Runs the command line tool here, with the settings of the installation. */
  command(...args: string[]): Promise<CommandResult>
  /** The same, with other settings or under another program. */
  commandWith(options: CommandOptions, ...args: string[]): Promise<CommandResult>
  /** Ends every server and removes every trace, but the folder if that is to be kept. */
  close(options?: { keepFolder?: boolean }): Promise<void>
}

/** What production needs beside its key source. TLS is said to end at a proxy in front. */
export const production = {
  NODE_ENV: 'production',
  HOST: '127.0.0.1',
  PUBLIC_ORIGIN: 'https://login.example.com',
}

/** Makes an installation in a temporary folder. */
export async function openInstallation(settings: Record<string, string> = {}): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-'))
  const mailServer = new SmtpSink()
  await mailServer.open()
  const servers: ServerProcess[] = []
  let isClosed = false

  function launch({ env = {}, ...options }: StartOptions = {}): ServerProcess {
    if (isClosed) throw new Error('the installation is closed')
    const server = new ServerProcess({
      ...options,
      folder,
      env: { SMTP_URL: mailServer.url, ...settings, ...env },
    })
    servers.push(server)
    return server
  }

  function commandWith({ env = {}, ...options }: CommandOptions, ...args: string[]): Promise<CommandResult> {
    return runHoldfast({ ...options, folder, args, env: { ...settings, ...env } })
  }

  return {
    folder,
    dataFolder: join(folder, 'data'),
    keyFile: join(folder, 'data', 'secret_key.txt'),
    mailServer,
    launch,
    commandWith,
    command: (...args) => commandWith({}, ...args),
    async start(options) {
      const server = launch(options)
      return { process: server, ...(await server.ready()) }
    },
    async close({ keepFolder = false } = {}) {
      isClosed = true
      await Promise.all(servers.map((server) => server.kill()))
      await mailServer.disappear()
      if (!keepFolder) await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** A secret key as an operator makes one with `openssl rand -hex 32`. */
export function createSecretKey(): string {
  return randomBytes(32).toString('hex')
}
