import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

export interface TransitKey {
  type: 'aes256-gcm96' | 'rsa-2048'
  minDecryptionVersion: number
  /** Version 1 comes first; a trimmed one is undefined. */
  versions: (Buffer | undefined)[]
}

interface TransitInput {
  plaintext?: string
  ciphertext?: string
  associated_data?: string
}

class VaultError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export type TransitServer = Awaited<ReturnType<typeof startTransitServer>>

/** The HTTP API of Vault for transit keys (encrypt and decrypt) on 127.0.0.1, with real AES-GCM keys. */
export async function startTransitServer(token: string) {
  const keys = new Map<string, TransitKey>()
  const events = new EventEmitter<{ request: [] }>()
  const overrides: ((response: ServerResponse) => void)[] = []
  const policy = { token, namespace: undefined as string | undefined, isSealed: false }

  const server = createServer(async (request, response) => {
    const input = (await json(request)) as TransitInput
    events.emit('request')
    const override = overrides.shift()
    if (override) return override(response)
    response.setHeader('content-type', 'application/json')
    try {
      const data = answer(request, input)
      response.end(JSON.stringify({ request_id: randomUUID(), lease_id: '', renewable: false, data }))
    } catch (error) {
      const { status, message } = error as VaultError
      response.writeHead(status).end(JSON.stringify({ errors: [message] }))
    }
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  function answer({ method, url = '', headers }: IncomingMessage, input: TransitInput) {
    if (policy.isSealed) throw new VaultError(503, 'Vault is sealed')
    if (headers['x-vault-token'] !== policy.token || headers['x-vault-namespace'] !== policy.namespace) {
      throw new VaultError(403, '2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n')
    }
    const [, mount, operation, name = ''] = /^\/v1\/(.+)\/([^/]+)\/([^/]+)$/.exec(url) ?? []
    if (mount !== 'transit' && mount !== 'team/transit') {
      throw new VaultError(404, `no handler for route "${url.slice(4)}". route entry not found.`)
    }
    if (method !== 'POST' && method !== 'PUT') {
      throw new VaultError(405, '1 error occurred:\n\t* unsupported operation\n\n')
    }
    const key = keys.get(name)
    if (key === undefined) throw new VaultError(400, 'encryption key not found')
    if (key.type !== 'aes256-gcm96' && input.associated_data) {
      throw new VaultError(400, `'[0].associated_data' provided for non-AEAD cipher suite ${key.type}`)
    }
    return operation === 'encrypt' ? encrypt(key, input) : decrypt(key, input)
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    policy,
    /** Answers for the server, one request each, in their order. */
    overrides,
    requestArrives: () => once(events, 'request'),
    createKey(name: string, type: TransitKey['type'] = 'aes256-gcm96'): TransitKey {
      const key: TransitKey = { type, minDecryptionVersion: 1, versions: [randomBytes(32)] }
      keys.set(name, key)
      return key
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function encrypt({ versions }: TransitKey, { plaintext = '', associated_data = '' }: TransitInput) {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', versions.at(-1) as Buffer, nonce)
  cipher.setAAD(Buffer.from(associated_data, 'base64'))
  const sealed = [cipher.update(plaintext, 'base64'), cipher.final()]
  const bytes = Buffer.concat([nonce, ...sealed, cipher.getAuthTag()])
  return { ciphertext: `vault:v${versions.length}:${bytes.toString('base64')}`, key_version: versions.length }
}

function decrypt(key: TransitKey, { ciphertext = '', associated_data = '' }: TransitInput) {
  const [, digits, text = ''] = /^vault:v(\d+):(.*)$/.exec(ciphertext) ?? []
  if (digits === undefined) throw new VaultError(400, 'invalid ciphertext: no prefix')
  const version = Number(digits)
  if (version > key.versions.length) throw new VaultError(400, 'invalid ciphertext: version is too new')
  if (version < key.minDecryptionVersion) {
    throw new VaultError(400, 'ciphertext or signature version is disallowed by policy (too old)')
  }
  const secret = key.versions[version - 1]
  if (secret === undefined) throw new VaultError(400, 'no such key version')
  const bytes = Buffer.from(text, 'base64')
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from(associated_data, 'base64'))
    decipher.setAuthTag(bytes.subarray(-16))
    const plaintext = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
    return { plaintext: plaintext.toString('base64') }
  } catch {
    throw new VaultError(400, 'cipher: message authentication failed')
  }
}
