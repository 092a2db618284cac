import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/**
 * Lets every one of a running process's system calls of a kind fail, from now on and until the call back. Needs strace;
 * see `canInject`.
 */
export async function failing(pid: number, systemCall: string, error: string): Promise<() => Promise<void>> {
  const inject = ['-e', `trace=${systemCall}`, '-e', `inject=${systemCall}:error=${error}`]
  const strace = spawn('strace', ['-f', '-o', '/dev/null', ...inject, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const exited = once(strace, 'exit')
  async function end(): Promise<void> {
    strace.kill('SIGINT')
    await exited
  }
  onTestFinished(end)
  for await (const line of createInterface({ input: strace.stderr })) if (/ attached/.test(line)) return end
  throw new Error(`expected that strace attaches to process ${pid}`)
}
