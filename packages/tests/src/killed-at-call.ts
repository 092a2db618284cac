import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RunningServer } from '@holdfast/drill'

/** Waits for a server's next system calls of one kind, to kill it at one of them. */
export interface Ambush {
  /** Lets the server be; resolves once nobody watches it any more. */
  leave(): Promise<void>
}

/**
 * Has strace kill the server at its `count`th call of that kind from now on, before the call is carried out. Resolves
 * once strace is attached to its main thread, where requests are read, written to the store, and answered.
 */
export async function ambush(server: RunningServer, call: string, count: number): Promise<Ambush> {
  const strace = spawn(
    'strace',
    [
      '-p',
      String(server.process.pid),
      '-o',
      '/dev/null',
      '-e',
      `inject=${call}:signal=SIGKILL:when=${count}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const ended = once(strace, 'close')
  await attached(strace)
  return {
    async leave() {
      strace.kill('SIGTERM')
      await ended
    },
  }
}

async function attached({ stderr }: ChildProcess): Promise<void> {
  if (stderr === null) throw new Error('expected a pipe from strace')
  let text = ''
  for await (const chunk of stderr) {
    text += chunk
    if (text.includes(' attached')) return
  }
  throw new Error(`strace did not attach: ${text}`)
}
