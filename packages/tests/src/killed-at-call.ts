import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { RunningServer } from '@holdfast/drill'

/** Waits for a server's next system calls of one kind, to kill it at one of them. */
export interface Ambush {
  /**
   * Lets the server be; resolves, once nobody watches it any more, with whether it lives. It may have been killed
   * after the answer that its caller waited for: while it handed over the mail, or wrote a line of its log.
   */
  leave(): Promise<boolean>
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
      if (await answers(server)) return true
      await server.process.exited
      return false
    },
  }
}

/** Only an answer proves that it lives: a process that is killed is there for some time still. */
async function answers({ port }: RunningServer): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok
  } catch {
    return false
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
