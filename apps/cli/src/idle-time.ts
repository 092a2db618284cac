import { readKnownKeyRing, type Store } from '@holdfast/store'
import type { Settings } from './settings.ts'

/** How long a sign-in may idle: the servers know best, and have left it in the store. */
export async function readIdleMs(store: Pick<Store, 'read'>, settings: Settings): Promise<number> {
  return (await readKnownKeyRing(store))?.idleMs ?? settings.idleMs
}
