import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { on, once } from 'node:events'
import { readFile, rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { KeyActionName } from './key-actions.ts'

export type Thread = 'main' | 'pool'

/** One call of the operating system by the worker, and how strace finds it again. */
export interface TracedCall {
  thread: Thread
  name: string
  /** Among the calls of this name in this thread, from 1. */
  ordinal: number
  /** The line of the trace, with the paths of its files. */
  line: string
}

export interface TracedRun {
  calls: TracedCall[]
  wasKilled: boolean
  /** What the worker said in the end: `done`, the fault, or nothing. */
  outcome: string | undefined
}

export interface TracedRunOptions {
  action: KeyActionName
  path: string
  /** Beside the key folder, which holds nothing but what the worker makes. */
  tracePath: string
  /** Only this one is watched: strace counts the calls of each thread by itself. */
  thread: Thread
  /** What strace does to one call, such as `signal=SIGKILL`; without it, it only watches. */
  injection?: { call: TracedCall; does: string } | undefined
}

const changing =
  'openat,write,pwrite64,fsync,fdatasync,link,linkat,rename,renameat,renameat2,unlink,unlinkat,fcntl,ftruncate,mkdir,mkdirat'
const worker = new URL('./key-worker.ts', import.meta.url).pathname
// strace is the parent of the worker: more than that, not every system allows.
const script =
  '"$WORKER_NODE" --disable-warning=ExperimentalWarning "$@" <&3 & read options && exec strace $options'

export function canTrace(): boolean {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/**
 * Runs the worker and attaches strace to one of its threads: the main one, where SQLite works, or that of the pool,
 * where all other calls of the file system are made.
 */
export async function runTraced(options: TracedRunOptions): Promise<TracedRun> {
  const { action, path, tracePath } = options
  const shell = spawn('/bin/sh', ['-c', script, 'sh', worker, action, path], {
    env: { ...process.env, WORKER_NODE: process.execPath, UV_THREADPOOL_SIZE: '1' },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  })
  const [stdin, stdout, stderr, workerInput] = shell.stdio as unknown as [
    Writable,
    Readable,
    Readable,
    Writable,
  ]
  workerInput.on('error', () => {})
  const ended = once(shell, 'close')
  const said: string[] = []
  const lines = createInterface({ input: stdout })
  const [threadLine] = await once(lines, 'line')
  lines.on('line', (line) => said.push(line))
  const threads: Record<Thread, number> = JSON.parse(threadLine)
  stdin.write(`${straceOptions(options)} -p ${threads[options.thread]}\n`)
  await attached(stderr, shell)
  workerInput.end('go\n')
  await ended
  const trace = await readFile(tracePath, 'utf8')
  await rm(tracePath)
  return {
    calls: callsIn(trace, options.thread),
    wasKilled: trace.includes('+++ killed by SIGKILL +++'),
    outcome: said[0],
  }
}

function straceOptions({ tracePath, injection }: TracedRunOptions): string {
  const common = `-y -o ${tracePath} -e trace=${changing}`
  if (injection === undefined) return common
  const { call, does } = injection
  return `${common} -e inject=${call.name}:${does}:when=${call.ordinal}`
}

async function attached(stderr: Readable, shell: ChildProcess): Promise<void> {
  let text = ''
  for await (const [chunk] of on(stderr, 'data', { close: ['close'] })) {
    text += chunk
    if (text.includes(' attached')) return
  }
  throw new Error(`strace did not attach (${shell.exitCode}): ${text}`)
}

function callsIn(trace: string, thread: Thread): TracedCall[] {
  const counts = new Map<string, number>()
  const calls: TracedCall[] = []
  for (const line of trace.split('\n')) {
    const name = /^(\w+)\(/.exec(line)?.[1]
    if (name === undefined) continue
    const ordinal = (counts.get(name) ?? 0) + 1
    counts.set(name, ordinal)
    calls.push({ thread, name, ordinal, line })
  }
  return calls
}
