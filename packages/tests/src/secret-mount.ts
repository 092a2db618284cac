import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A folder as Kubernetes mounts a secret: each name is a link into `..data`, which is a link to the folder of
 * one version. A new version is swapped in by renaming one link, so that all files change at once.
 */
export class SecretMount {
  readonly folder: string
  #version = 0

  constructor(folder: string) {
    this.folder = folder
  }

  /** Swaps in a version that holds these files and no others. */
  async swapIn(files: Record<string, string>): Promise<void> {
    const before = `..2026_${this.#version}`
    this.#version += 1
    const version = `..2026_${this.#version}`
    await mkdir(join(this.folder, version), { recursive: true })
    for (const [name, text] of Object.entries(files)) {
      await writeFile(join(this.folder, version, name), text, { mode: 0o400 })
      await symlink(join('..data', name), join(this.folder, name)).catch(ignoreExisting)
    }
    await symlink(version, join(this.folder, '..data_tmp'))
    await rename(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    await rm(join(this.folder, before), { recursive: true, force: true })
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error
}
