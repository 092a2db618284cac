import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A disk of a few megabytes in place of a folder, for those programs that are started on it. */
export interface SmallDisk {
  /** The words that run a program that has it. The program is run in `runIn`. */
  under: readonly string[]
  /** Where a file of it is for everybody else. */
  path(name: string): string
  /** Somebody else fills it to the last block. */
  fill(): Promise<void>
  /** And gives that back. */
  free(): Promise<void>
}

/** Needs to be allowed to mount; see `canMount`. It is gone with the test. */
export async function mountSmallDisk(
  place: string,
  { runIn, megabytes }: { runIn: string; megabytes: number },
): Promise<SmallDisk> {
  await mkdir(place, { recursive: true, mode: 0o700 })
  const mount = `mount -t tmpfs -o size=${megabytes}m,mode=0700 tmpfs "$0" && echo mounted && exec cat`
  // It lives until nobody writes to it any more: with this process, at the latest.
  const holder = spawn('unshare', ['-m', 'sh', '-c', mount, place], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => {
    holder.stdin.end()
  })
  await once(holder.stdout, 'data')
  const path = (name: string) => join(`/proc/${holder.pid}/root`, place, name)
  const enter = ['nsenter', '-m', '-t', String(holder.pid), 'sh', '-c', 'cd "$0" && exec "$@"', runIn]
  return {
    under: enter,
    path,
    async fill() {
      const file = await open(path('filler'), 'w')
      const block = Buffer.alloc(4096)
      try {
        for (let written = 0; written < megabytes * 1024 * 1024; written += block.length)
          await file.write(block)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      } finally {
        await file.close()
      }
    },
    free: () => rm(path('filler')),
  }
}
