import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFileSource } from './key-file.ts'
import { KeyRingError } from './key-ring-error.ts'
import type { KeySource } from './key-source.ts'
import { keyTextsSource } from './key-texts-source.ts'

/**
 * The key ring at a path of the file system. A file holds the ring. A folder, as Kubernetes, Docker and systemd
 * mount secrets, holds it as `secret_key.txt`, or as `SECRET_KEY` with or without `SECRET_KEY_FALLBACKS`.
 */
export function keySourceAt(path: string): KeySource {
  return {
    name: path,
    load: async (options) => (await sourceAt(path)).load(options),
    change: async (change) => (await sourceAt(path)).change(change),
  }
}

async function sourceAt(path: string): Promise<KeySource> {
  const secretKey = join(path, 'SECRET_KEY')
  if (!(await isFolder(path)) || !(await isThere(secretKey))) return keyFileSource({ path })
  if (await isThere(join(path, 'secret_key.txt'))) {
    throw new KeyRingError(`${path} holds both SECRET_KEY and secret_key.txt; keep exactly one`)
  }
  const fallbacks = join(path, 'SECRET_KEY_FALLBACKS')
  return keyTextsSource({
    signer: { name: 'SECRET_KEY', path: secretKey },
    ...((await isThere(fallbacks)) && { fallbacks: { name: 'SECRET_KEY_FALLBACKS', path: fallbacks } }),
  })
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
