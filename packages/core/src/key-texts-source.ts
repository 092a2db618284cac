import { isErrno } from './errno.ts'
import { inspectKeyFile, readRegularFile } from './inspect-key-file.ts'
import { type KeyTexts, keyRingFromTexts } from './key-environment.ts'
import { KeyRingError } from './key-ring-error.ts'
import type { KeySource } from './key-source.ts'

/** Where a text is: given, or in a file that is read again at each load. */
export type TextPlace = { name: string; text: string } | { name: string; path: string }

/**
 * Keys that somebody else keeps: in `SECRET_KEY` and `SECRET_KEY_FALLBACKS`, or in the files that their
 * `..._FILE` variables name, or in the files of these names in a folder. Holdfast never makes or changes one.
 */
export function keyTextsSource(places: { signer: TextPlace; fallbacks?: TextPlace }): KeySource {
  return {
    name: places.signer.name,

    async load() {
      const concerns: string[] = []
      const texts: KeyTexts = { signer: await readText(places.signer, concerns) }
      if (places.fallbacks !== undefined) texts.fallbacks = await readText(places.fallbacks, concerns)
      return { record: keyRingFromTexts(texts), created: false, concerns }
    },

    async change() {
      throw new KeyRingError(
        `${places.signer.name} is not kept by Holdfast: put the new key in SECRET_KEY and the older one in SECRET_KEY_FALLBACKS where they are set`,
      )
    },
  }
}

async function readText(place: TextPlace, concerns: string[]): Promise<{ name: string; text: string }> {
  if ('text' in place) return place
  const { name, path } = place
  try {
    const inspected = await inspectKeyFile(path)
    if (inspected === undefined) throw new KeyRingError('does not exist')
    concerns.push(...inspected.concerns.map((concern) => `${path} ${concern}`))
    return { name, text: await readRegularFile(path) }
  } catch (error) {
    if (error instanceof KeyRingError) throw error.of(`${name}: ${path}`)
    if (isErrno(error, 'EACCES', 'EPERM')) {
      throw new KeyRingError(`${name}: ${path} cannot be read by this user (uid ${process.getuid?.()})`)
    }
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) throw new KeyRingError(`${name}: ${path} does not exist`)
    throw error
  }
}
