import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Fault } from './fault.ts'

const holder = join(import.meta.dirname, 'lock-holder.mjs')

/** Another program holds the write lock of the store. */
export const heldLock: Fault = async (site) => {
  const path = join(site.installation.dataFolder, 'holdfast.db')
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', holder, path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = once(child, 'close')
  await once(child.stdout, 'data')
  return async () => {
    // It lets go at the end of its input, and so it does when the drill itself is killed.
    child.stdin.end()
    await ended
  }
}
