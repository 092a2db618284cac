import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Contestant } from './contestants.ts'

export interface RunningServer {
  name: string
  origin: string
  pid: number
  /** From just before the process was made to its first 200. */
  startedInMs: number
  stop(): Promise<void>
}

export interface StartOptions {
  /** Working folder of the process: its data and its log. */
  folder: string
  environment?: Record<string, string>
  nodeOptions?: readonly string[]
}

const mostStartMs = 20_000
const mostStopMs = 10_000

/** Starts a server as a process of its own and resolves at its first 200. Its output goes to `server.log`. */
export async function startServer(contestant: Contestant, options: StartOptions): Promise<RunningServer> {
  const port = await findFreePort()
  const logPath = join(options.folder, 'server.log')
  const log = openSync(logPath, 'a')
  const startedAtMs = performance.now()
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), ...contestant.arguments], {
    cwd: options.folder,
    // Nothing that happens to be set where the benchmark runs may change what is measured.
    env: { PATH: process.env.PATH, ...contestant.environment, ...options.environment, PORT: String(port) },
    stdio: ['ignore', log, log],
  })
  closeSync(log)
  const origin = `http://127.0.0.1:${port}`
  try {
    await answersOk(`${origin}${contestant.readyPath}`, child, startedAtMs + mostStartMs)
  } catch (error) {
    await stop(child)
    throw new Error(`${contestant.name} did not start:\n${readFileSync(logPath, 'utf8')}`, { cause: error })
  }
  const startedInMs = performance.now() - startedAtMs
  return { name: contestant.name, origin, pid: child.pid ?? 0, startedInMs, stop: () => stop(child) }
}

/** Asks every millisecond, as the difference between two starts may be a few. */
async function answersOk(url: string, child: ChildProcess, deadlineMs: number): Promise<void> {
  while ((await statusOf(url)) !== 200) {
    if (child.exitCode !== null) throw new Error(`exited with ${child.exitCode}`)
    if (performance.now() > deadlineMs) throw new Error(`no 200 within ${mostStartMs} ms`)
    await wait(1)
  }
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout: 500 }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('timeout', () => request.destroy())
    request.on('error', () => resolve(undefined))
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const hasExited = once(child, 'exit')
  const tooLate = setTimeout(() => child.kill('SIGKILL'), mostStopMs)
  child.kill('SIGTERM')
  await hasExited
  clearTimeout(tooLate)
}

export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
