import { execFile } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Installation } from '../installation.ts'
import type { Fault } from './fault.ts'

const run = promisify(execFile)
const sizeInMegabytes = 64
const blockBytes = 4096

/**
 * Puts the data of an installation on a small disk of its own, and gives the way back. Needs a mount namespace that is
 * ours.
 */
export async function mountSmallDisk({ dataFolder }: Installation): Promise<() => Promise<void>> {
  await mkdir(dataFolder, { mode: 0o700 })
  await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeInMegabytes}m,mode=0700`, 'tmpfs', dataFolder])
  return async () => {
    await run('umount', ['--lazy', dataFolder])
  }
}

/** Something else fills the disk to its last block, and is removed after a while. */
export const diskFull: Fault = async (site) => {
  const filler = join(site.installation.dataFolder, 'filler')
  await fill(filler)
  return () => rm(filler)
}

async function fill(path: string): Promise<void> {
  const file = await open(path, 'w')
  const block = Buffer.alloc(blockBytes)
  try {
    for (let written = 0; written < sizeInMegabytes * 1024 * 1024; written += blockBytes)
      await file.write(block)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  } finally {
    await file.close()
  }
}
