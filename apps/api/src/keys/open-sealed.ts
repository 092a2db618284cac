import type { KeyRing, Opened } from '@holdfast/core'
import type { KeyRingAccess } from './key-ring-access.ts'

/** Opens with the ring in use, or with one that is looked up anew where another process has sealed with a newer key. */
export async function openSealed(
  { keyRing, keyRingKnowing }: KeyRingAccess,
  openWith: (ring: KeyRing) => Opened,
): Promise<Opened> {
  const opened = openWith(keyRing())
  if (opened.ok || opened.reason !== 'key_unknown') return opened
  return openWith(await keyRingKnowing(opened.kid))
}
