import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { median } from './median.ts'

const writes = 200

/** Milliseconds that the disk takes to make 4 KiB durable: the floor under every commit of this run. */
export function measureFsync(folder: string): number {
  const file = openSync(join(folder, 'fsync-time'), 'w')
  const page = Buffer.alloc(4096)
  const times: number[] = []
  for (let write = 0; write < writes; write += 1) {
    const startedAtMs = performance.now()
    writeSync(file, page)
    fdatasyncSync(file)
    times.push(performance.now() - startedAtMs)
  }
  closeSync(file)
  return median(times)
}
