import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import {
  type KeyWrapper,
  type KeyWrapperCall,
  KeyWrapperError,
  type WrappedDataKey,
} from '../src/key-wrapper.ts'
import { secretOf } from './rings.ts'

/**
 * A key management service in memory: it wraps by AES-256-GCM with a key for each name, and binds what it wraps to
 * the ring where `binds` is true, as some services cannot.
 */
export class MemoryKeyWrapper implements KeyWrapper {
  readonly dataKeys: Buffer[] = []
  unwraps = 0
  readonly #binds: boolean

  constructor({ binds = true } = {}) {
    this.#binds = binds
  }

  async wrap(keyName: string, dataKey: Uint8Array, { ringId }: KeyWrapperCall): Promise<WrappedDataKey> {
    this.dataKeys.push(Buffer.from(dataKey))
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', secretOf(keyName), nonce)
    cipher.setAAD(this.#associatedData(ringId))
    const wrapped = Buffer.concat([nonce, cipher.update(dataKey), cipher.final(), cipher.getAuthTag()])
    return { keyName: `${keyName}/versions/1`, wrapped }
  }

  async unwrap({ keyName, wrapped }: WrappedDataKey, { ringId }: KeyWrapperCall): Promise<Uint8Array> {
    this.unwraps += 1
    const secret = secretOf(keyName.replace('/versions/1', ''))
    try {
      const decipher = createDecipheriv('aes-256-gcm', secret, wrapped.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(this.#associatedData(ringId))
      decipher.setAuthTag(wrapped.subarray(-16))
      return Buffer.concat([decipher.update(wrapped.subarray(12, -16)), decipher.final()])
    } catch {
      throw new KeyWrapperError('refused', `${keyName} did not wrap this`)
    }
  }

  #associatedData(ringId: string): Buffer {
    return Buffer.from(this.#binds ? ringId : '')
  }
}
