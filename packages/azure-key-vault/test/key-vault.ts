import {
  constants,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
} from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Certificate } from './trusted-certificate.ts'

interface KeyVersion {
  version: string
  privateKey: KeyObject
  isEnabled: boolean
}

export interface HeardRequest {
  line: string
  authorization: string
  body: string
}

type Respond = (response: ServerResponse, request: HeardRequest) => void

/**
 * A key vault with keys of its own on a free port: the challenge, get key, wrap and unwrap of Key Vault's REST
 * API 2025-07-01. Used as `await using vault = ...`.
 */
export async function startKeyVault(certificate: Certificate, token: string) {
  const keys = new Map<string, KeyVersion[]>()
  const heard: HeardRequest[] = []
  const vault = { respond: undefined as Respond | undefined, challenges: 0 }

  const server = createServer(certificate, async (incoming, response) => {
    const body = await text(incoming)
    const authorization = incoming.headers.authorization ?? ''
    const { pathname } = new URL(incoming.url ?? '', 'https://vault')
    if (authorization !== `Bearer ${token}`) {
      vault.challenges++
      return challenge(response)
    }
    const request = { line: `${incoming.method} ${pathname}`, authorization, body }
    heard.push(request)
    if (vault.respond) return vault.respond(response, request)
    const [, , name = '', ...rest] = pathname.split('/')
    const [version, operation] = incoming.method === 'GET' ? [rest[0], 'get'] : rest
    const versions = keys.get(name) ?? []
    const key = version ? versions.find((each) => each.version === version) : versions.at(-1)
    if (!key) return answerError(response, 404, 'KeyNotFound')
    const id = `${url}/keys/${name}/${key.version}`
    if (operation === 'get') return answerJson(response, 200, keyBundle(id, key))
    if (!key.isEnabled) return answerError(response, 403, 'Forbidden', 'KeyDisabled')
    const { alg, value } = JSON.parse(body)
    if (alg !== 'RSA-OAEP-256') return answerError(response, 400, 'BadParameter')
    const result = crypt(operation, key.privateKey, Buffer.from(value, 'base64url'))
    if (!result) return answerError(response, 400, 'BadParameter')
    answerJson(response, 200, { kid: id, value: result.toString('base64url') })
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`

  return Object.assign(vault, {
    heard,
    keyUrl: (name: string) => `${url}/keys/${name}`,
    /** Adds a version, which is then the newest, and gives the key's URL with it. */
    addVersion(name: string, { isEnabled = true } = {}): string {
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      const version = randomBytes(16).toString('hex')
      keys.set(name, [...(keys.get(name) ?? []), { version, privateKey, isEnabled }])
      return `${url}/keys/${name}/${version}`
    },
    disable(keyUrl: string): void {
      for (const key of [...keys.values()].flat()) if (keyUrl.endsWith(key.version)) key.isEnabled = false
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}

/** An error as Key Vault writes it: a code, a sentence and, for some, a code that says more. */
export function answerError(response: ServerResponse, status: number, code: string, inner?: string): void {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } }
  answerJson(response, status, { error: { code, message: `${code}: the key is no use.\r\n`, ...innererror } })
}

function challenge(response: ServerResponse): void {
  const authorization = 'https://login.microsoftonline.com/3f2504e0-4f89-41d3-9a0c-0305e82c3301'
  response
    .writeHead(401, {
      'www-authenticate': `Bearer authorization="${authorization}", resource="https://vault.azure.net"`,
    })
    .end()
}

function keyBundle(kid: string, { privateKey, isEnabled }: KeyVersion): object {
  const jwk = createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' })
  return { key: { kid, key_ops: ['wrapKey', 'unwrapKey'], ...jwk }, attributes: { enabled: isEnabled } }
}

function crypt(operation: string | undefined, key: KeyObject, value: Buffer): Buffer | undefined {
  const oaep = { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  try {
    return operation === 'wrapkey' ? publicEncrypt(oaep, value) : privateDecrypt(oaep, value)
  } catch {
    return undefined
  }
}
