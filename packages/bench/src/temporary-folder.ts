import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Where all servers of one run keep their data; gone when the run ends, however it ends. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  #count = 0

  constructor() {
    process.once('exit', () => rmSync(this.path, { recursive: true, force: true }))
  }

  /** A new, empty folder in it. */
  next(): string {
    this.#count += 1
    const path = join(this.path, String(this.#count))
    mkdirSync(path)
    return path
  }
}
