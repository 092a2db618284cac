import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { Installation } from '@holdfast/drill'

/** Takes the database away from a server that runs: what a page shows after that is staged, or of the outage. */
export async function hideStore({ dataFolder }: Pick<Installation, 'dataFolder'>): Promise<void> {
  const store = join(dataFolder, 'holdfast.db')
  await rename(store, `${store}.away`)
}
