import { KeyWrapperError } from '@holdfast/core'

const keyNamePattern =
  /^projects\/[\w.:-]{1,100}\/locations\/[\w-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/

/**
 * Checks that `text` names a key of Cloud KMS, and no version of it: to decrypt, KMS finds the version in the
 * ciphertext and takes the name of the key alone.
 *
 * @throws {KeyWrapperError} `misconfigured`
 */
export function checkKeyName(text: string): void {
  if (keyNamePattern.test(text)) return
  throw new KeyWrapperError(
    'misconfigured',
    'Google Cloud KMS: the key name is malformed. ' +
      'Expected projects/<project>/locations/<location>/keyRings/<ring>/cryptoKeys/<key> without a version.',
  )
}
