import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { checkSignature, type SigningKeys } from './sigv4.ts'

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion'

interface KmsKey {
  arn: string
  state: KeyState
  versions: Buffer[]
}

interface KmsRequest {
  KeyId?: string
  Plaintext?: string
  CiphertextBlob?: string
  EncryptionContext?: Record<string, string>
}

class KmsError extends Error {
  readonly type: string
  constructor(type: string, message?: string) {
    super(message)
    this.type = type
  }
}

export type KmsServer = Awaited<ReturnType<typeof startKmsServer>>

/** The wire protocol of AWS KMS (AWS JSON 1.1, Encrypt and Decrypt) on 127.0.0.1, with real AES-GCM keys. */
export async function startKmsServer(signingKeys: SigningKeys) {
  const keys = new Map<string, KmsKey>()
  const aliases = new Map<string, string>()
  const events = new EventEmitter<{ request: [] }>()
  const overrides: ((response: ServerResponse) => void)[] = []

  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    events.emit('request')
    const override = overrides.shift()
    if (override) return override(response)
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.setHeader('x-amzn-requestid', randomUUID())
    try {
      response.end(JSON.stringify(answer(request, body)))
    } catch (error) {
      const { type, message } = error as KmsError
      response.statusCode = type === 'KMSInternalException' ? 500 : 400
      response.end(JSON.stringify({ __type: type, ...(message && { message }) }))
    }
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answer(request: IncomingMessage, body: Buffer) {
    const signature = checkSignature(request, body, signingKeys)
    if (!signature.ok) {
      const { error, canonicalRequest } = signature
      throw new KmsError(
        error,
        `The Canonical String for this request should have been\n'${canonicalRequest}'`,
      )
    }
    const input: KmsRequest = JSON.parse(body.toString())
    const target = request.headers['x-amz-target']
    if (target === 'TrentService.Encrypt') return encrypt(input)
    if (target === 'TrentService.Decrypt') return decrypt(input)
    throw new KmsError('UnknownOperationException')
  }

  function findKey(name = ''): [string, KmsKey] {
    const id = aliases.get(name) ?? name.split(':key/').at(-1) ?? ''
    const key = keys.get(id)
    if (key === undefined) throw new KmsError('NotFoundException', `Key '${name}' does not exist`)
    if (key.state === 'Disabled') throw new KmsError('DisabledException', `${key.arn} is disabled.`)
    if (key.state === 'PendingDeletion') {
      throw new KmsError('KMSInvalidStateException', `${key.arn} is pending deletion.`)
    }
    return [id, key]
  }

  function encrypt({ KeyId, Plaintext = '', EncryptionContext }: KmsRequest) {
    const [id, key] = findKey(KeyId)
    const version = key.versions.length - 1
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key.versions[version] as Buffer, nonce)
    cipher.setAAD(boundData(EncryptionContext))
    const sealed = [cipher.update(Plaintext, 'base64'), cipher.final()]
    const blob = Buffer.concat([Buffer.from(id), Buffer.of(version), nonce, ...sealed, cipher.getAuthTag()])
    return {
      CiphertextBlob: blob.toString('base64'),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      KeyId: key.arn,
    }
  }

  function decrypt({ KeyId, CiphertextBlob = '', EncryptionContext }: KmsRequest) {
    const blob = Buffer.from(CiphertextBlob, 'base64')
    const [id, key] = findKey(KeyId)
    if (!keys.has(blob.toString('utf8', 0, 36))) throw new KmsError('InvalidCiphertextException')
    if (blob.toString('utf8', 0, 36) !== id) {
      throw new KmsError(
        'IncorrectKeyException',
        'The key ID in the request does not identify a CMK that can …',
      )
    }
    const version = key.versions[blob.readUInt8(36)]
    if (version === undefined) throw new KmsError('InvalidCiphertextException')
    try {
      const decipher = createDecipheriv('aes-256-gcm', version, blob.subarray(37, 49))
      decipher.setAAD(boundData(EncryptionContext))
      decipher.setAuthTag(blob.subarray(-16))
      const plaintext = Buffer.concat([decipher.update(blob.subarray(49, -16)), decipher.final()])
      return {
        EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
        KeyId: key.arn,
        Plaintext: plaintext.toString('base64'),
      }
    } catch {
      throw new KmsError('InvalidCiphertextException')
    }
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys,
    aliases,
    /** Answers for the server, one request each, in their order. */
    overrides,
    requestArrives: () => once(events, 'request'),
    createKey(): string {
      const id = randomUUID()
      const arn = `arn:aws:kms:eu-central-1:111122223333:key/${id}`
      keys.set(id, { arn, state: 'Enabled', versions: [randomBytes(32)] })
      return id
    },
    keyOf(id: string): KmsKey {
      return keys.get(id) as KmsKey
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** The encryption context, in the order of its names, as KMS binds it. */
function boundData(context: Record<string, string> = {}): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort()))
}
