import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../src/open-store.ts'

/** A store in a file of its own, which goes with the test. */
export async function openTemporaryStore() {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-store-'))
  const path = join(folder, 'holdfast.db')
  const store = await openStore(path)
  return {
    path,
    store,
    async [Symbol.asyncDispose]() {
      store.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
