import { realpathSync, statSync } from 'node:fs'

/** What has become of a file that a running store has open. */
export interface FileFault {
  path: string
  what: 'removed' | 'replaced' | 'overwritten'
}

interface OpenedFile {
  path: string
  device: number
  inode: number
  /** No fewer can be right; 0 where a file may shrink. */
  leastBytes: number
}

/**
 * Whether the files that SQLite has open are still those that their names lead to. SQLite itself does not look: it goes
 * on writing into a file that has no name any more, and all of that is gone at the next start. Only names and sizes are
 * looked at; opening the database by any other way than SQLite's would drop its locks. (sqlite.org/howtocorrupt.html 2.2)
 */
export class FileWatch {
  readonly #opened: readonly OpenedFile[]
  readonly #logPath: string

  /** For a store that is open and has been written to: by then all three files are there. */
  constructor(path: string) {
    // SQLite puts the other two beside the file that a symbolic link leads to.
    const realPath = realpathSync(path)
    this.#logPath = `${realPath}-wal`
    this.#opened = [path, this.#logPath, `${realPath}-shm`].map((name) => {
      const { dev, ino, size } = statSync(name)
      return { path: name, device: dev, inode: ino, leastBytes: name === path ? size : 0 }
    })
  }

  find(): FileFault | undefined {
    for (const opened of this.#opened) {
      const { path, device, inode, leastBytes } = opened
      const found = lookAt(path)
      if (found === undefined) return { path, what: 'removed' }
      if (found.ino !== inode || found.dev !== device) return { path, what: 'replaced' }
      if (found.size < leastBytes) {
        // The pages that are gone do not come back, even where it grows again.
        opened.leastBytes = Number.POSITIVE_INFINITY
        return { path, what: 'overwritten' }
      }
      // Only VACUUM makes a database smaller, and Holdfast never does that.
      if (leastBytes > 0) opened.leastBytes = found.size
    }
    return undefined
  }

  /** Bytes of the write-ahead log. */
  logBytes(): number {
    return lookAt(this.#logPath)?.size ?? 0
  }
}

/** A folder that is gone or closed to us hides the file as well as if it were gone itself. */
function lookAt(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}
