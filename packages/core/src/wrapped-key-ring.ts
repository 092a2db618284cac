import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import type { KeyFileFormat } from './key-file.ts'
import { KeyRingError } from './key-ring-error.ts'
import type { KeyRingRecord } from './key-ring-record.ts'
import { formatKeyRing, parseKeyRing, shown } from './key-ring-text.ts'
import type { KeyWrapper, WrappedDataKey } from './key-wrapper.ts'

/** The wrapper for one call: with its deadline and, if the caller wants, with further tries. */
export type CallKeyWrapper = <Result>(
  call: (wrapper: KeyWrapper, signal: AbortSignal) => Promise<Result>,
) => Promise<Result>

export interface WrappedFormatOptions {
  /** What the source is called in SECRET_KEY_SOURCE, such as `aws-kms`. */
  service: string
  callWrapper: CallKeyWrapper
  /** The wrapping key for a ring that was not wrapped before; else the one of the file is used. */
  keyName?: string
}

interface Envelope {
  header: { service: string; ringId: string; epoch: number; keyName: string }
  wrapped: Buffer
  sealed: Buffer
}

const nonceBytes = 12
const tagBytes = 16

/**
 * Envelope encryption: the ring's text is sealed (AES-256-GCM, NIST SP 800-38D) with a data key that is new at
 * each change, and the data key is wrapped by a key management service. What is not secret stands in clear and
 * is authenticated. The service is asked again only when the text has changed.
 */
export function wrappedFormat({ service, callWrapper, keyName }: WrappedFormatOptions): KeyFileFormat {
  let last: { text: string; record: KeyRingRecord } | undefined
  let wrappingKey = keyName

  return {
    canCreate: false,

    async parse(text) {
      if (text === last?.text) return last.record
      const { header, wrapped, sealed } = parseEnvelope(text, service)
      const dataKey = await callWrapper((wrapper, signal) =>
        wrapper.unwrap({ keyName: header.keyName, wrapped }, { ringId: header.ringId, signal }),
      )
      const record = parseKeyRing(openRing(dataKey, header, sealed))
      if (record.ringId !== header.ringId || record.epoch !== header.epoch) {
        throw new KeyRingError('holds another ring than it says')
      }
      wrappingKey ??= header.keyName
      last = { text, record }
      return record
    },

    async format(record) {
      if (wrappingKey === undefined) throw new KeyRingError('names no key to wrap it with')
      const dataKey = randomBytes(32)
      const { ringId } = record
      const name = wrappingKey
      const wrappedKey = await callWrapper((wrapper, signal) =>
        wrapper.wrap(name, dataKey, { ringId, signal }),
      )
      const text = formatEnvelope(service, record, dataKey, wrappedKey)
      last = { text, record }
      return text
    },
  }
}

function formatEnvelope(
  service: string,
  record: KeyRingRecord,
  dataKey: Uint8Array,
  { keyName, wrapped }: WrappedDataKey,
): string {
  const header = { service, ringId: record.ringId, epoch: record.epoch, keyName }
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', dataKey, nonce)
  cipher.setAAD(associatedData(header))
  const text = cipher.update(formatKeyRing(record), 'utf8')
  const sealed = Buffer.concat([nonce, text, cipher.final(), cipher.getAuthTag()])
  const body = {
    holdfast: 'wrapped-key-ring',
    version: 1,
    ...header,
    wrapped: Buffer.from(wrapped).toString('base64url'),
    sealed: sealed.toString('base64url'),
  }
  return `${JSON.stringify({ ...body, checksum: checksum(body) }, null, 2)}\n`
}

function parseEnvelope(text: string, service: string): Envelope {
  const { checksum: claimed, ...body } = parseObject(text)
  if (body.holdfast === 'key-ring') {
    throw new KeyRingError(
      `is a key ring in clear; wrap it: SECRET_KEY_SOURCE=file:<this file> holdfast keys wrap --with ${service}:<key> --out <another file>`,
    )
  }
  if (body.holdfast !== 'wrapped-key-ring') throw new KeyRingError('is JSON, but not a wrapped key ring')
  if (body.version !== 1) throw new KeyRingError(`has version ${shown(body.version)}; this Holdfast reads 1`)
  if (claimed !== checksum(body)) {
    throw new KeyRingError('does not match its checksum: it was cut short or edited by hand')
  }
  if (body.service !== service) {
    throw new KeyRingError(`is wrapped by ${shown(body.service)}, and SECRET_KEY_SOURCE says ${service}`)
  }
  const { ringId, epoch, keyName, wrapped, sealed } = body
  const isWhole =
    typeof ringId === 'string' &&
    typeof epoch === 'number' &&
    typeof keyName === 'string' &&
    typeof wrapped === 'string' &&
    typeof sealed === 'string'
  if (!isWhole) throw new KeyRingError('lacks ringId, epoch, keyName, wrapped or sealed')
  return {
    header: { service, ringId, epoch, keyName },
    wrapped: Buffer.from(wrapped, 'base64url'),
    sealed: Buffer.from(sealed, 'base64url'),
  }
}

function openRing(dataKey: Uint8Array, header: Envelope['header'], sealed: Buffer): string {
  try {
    const nonce = sealed.subarray(0, nonceBytes)
    const decipher = createDecipheriv('aes-256-gcm', dataKey, nonce, { authTagLength: tagBytes })
    decipher.setAAD(associatedData(header))
    decipher.setAuthTag(sealed.subarray(-tagBytes))
    const text = Buffer.concat([decipher.update(sealed.subarray(nonceBytes, -tagBytes)), decipher.final()])
    return text.toString('utf8')
  } catch {
    throw new KeyRingError(
      'does not open with the data key that the service gave: it was changed or put together',
    )
  }
}

function associatedData({ service, ringId, epoch, keyName }: Envelope['header']): Buffer {
  return Buffer.from(JSON.stringify(['holdfast/v1/wrapped-key-ring', service, ringId, epoch, keyName]))
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text)
    if (typeof parsed === 'object' && parsed !== null) return parsed as Record<string, unknown>
  } catch {
    // Said below, without the text: somebody may have put a key in clear there.
  }
  throw new KeyRingError('is not a wrapped key ring: its JSON does not parse')
}

function checksum(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}
