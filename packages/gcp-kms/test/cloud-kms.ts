import { createCipheriv, createDecipheriv, randomBytes, verify } from 'node:crypto'
import { createServer as createHttpServer, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { crc32c } from '../src/crc32c.ts'
import type { ServiceAccount } from './google-environment.ts'
import type { Certificate } from './trusted-certificate.ts'

export interface HeardRequest {
  line: string
  authorization: string
  body: string
}

type Respond = (response: ServerResponse, request: HeardRequest) => void

interface KeyVersion {
  key: Buffer
  isEnabled: boolean
}

const folder = 'projects/test-project/locations/europe-west4/keyRings/holdfast/cryptoKeys'

/**
 * Cloud KMS with keys of its own on a free port: encrypt and decrypt of its REST API v1 for those who come with
 * a token that `account` signed. Used as `await using kms = ...`.
 */
export async function startCloudKms(account: ServiceAccount, certificate?: Certificate) {
  const keys = new Map<string, KeyVersion[]>()
  const heard: HeardRequest[] = []
  const kms = { respond: undefined as Respond | undefined, alter: (answer: Answer): object => answer }

  const listener: RequestListener = async (incoming, response) => {
    const body = await text(incoming)
    const authorization = incoming.headers.authorization ?? ''
    const { pathname } = new URL(incoming.url ?? '', 'https://kms')
    const request = { line: `${incoming.method} ${pathname}`, authorization, body }
    heard.push(request)
    if (!isSignedBy(account, authorization)) return answerError(response, 401, 'UNAUTHENTICATED')
    if (kms.respond) return kms.respond(response, request)
    const [name = '', operation] = pathname.replace('/v1/', '').split(':')
    const versions = keys.get(name)
    if (!versions) return answerError(response, 404, 'NOT_FOUND')
    const sent = JSON.parse(body)
    if (!hasTrueChecksums(sent)) return answerError(response, 400, 'INVALID_ARGUMENT')
    const done = operation === 'encrypt' ? encrypt(name, versions, sent) : decrypt(versions, sent)
    if (typeof done === 'string') return answerError(response, 400, done)
    answerJson(response, 200, kms.alter(done))
  }
  const server = certificate ? createHttpsServer(certificate, listener) : createHttpServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`

  return Object.assign(kms, {
    heard,
    environment: { GCP_KMS_ENDPOINT: url },
    /** Adds a version, which is then the primary one, and gives the name of the key. */
    addVersion(name: string): string {
      const keyName = `${folder}/${name}`
      keys.set(keyName, [...(keys.get(keyName) ?? []), { key: randomBytes(32), isEnabled: true }])
      return keyName
    },
    disableVersions(keyName: string): void {
      for (const version of keys.get(keyName) ?? []) version.isEnabled = false
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

export function answerJson(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(body))
}

/** An error as Google's APIs write it. */
export function answerError(response: ServerResponse, code: number, status: string, reason?: string): void {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }
  const details = reason === undefined ? {} : { details: [info] }
  answerJson(response, code, { error: { code, message: 'The key is\nno use.', status, ...details } })
}

interface Sent {
  plaintext?: string
  ciphertext?: string
  additionalAuthenticatedData?: string
}

interface Answer {
  [field: string]: string | number | boolean
}

function encrypt(name: string, versions: KeyVersion[], sent: Sent): Answer | string {
  const { key, isEnabled } = versions.at(-1) as KeyVersion
  if (!isEnabled) return 'FAILED_PRECONDITION'
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(bytes(sent.additionalAuthenticatedData))
  const body = Buffer.concat([cipher.update(bytes(sent.plaintext)), cipher.final(), cipher.getAuthTag()])
  const ciphertext = Buffer.concat([Buffer.from([versions.length]), nonce, body])
  return {
    name: `${name}/cryptoKeyVersions/${versions.length}`,
    ciphertext: ciphertext.toString('base64'),
    ciphertextCrc32c: String(crc32c(ciphertext)),
    verifiedPlaintextCrc32c: true,
    verifiedAdditionalAuthenticatedDataCrc32c: true,
    protectionLevel: 1,
  }
}

function decrypt(versions: KeyVersion[], sent: Sent): Answer | string {
  const ciphertext = bytes(sent.ciphertext)
  const version = versions[(ciphertext[0] ?? 0) - 1]
  if (!version) return 'INVALID_ARGUMENT'
  if (!version.isEnabled) return 'FAILED_PRECONDITION'
  try {
    const decipher = createDecipheriv('aes-256-gcm', version.key, ciphertext.subarray(1, 13))
    decipher.setAAD(bytes(sent.additionalAuthenticatedData)).setAuthTag(ciphertext.subarray(-16))
    const plaintext = Buffer.concat([decipher.update(ciphertext.subarray(13, -16)), decipher.final()])
    const checksum = String(crc32c(plaintext))
    return { plaintext: plaintext.toString('base64'), plaintextCrc32c: checksum, usedPrimary: true }
  } catch {
    return 'INVALID_ARGUMENT'
  }
}

function bytes(base64: string | undefined): Buffer {
  return Buffer.from(base64 ?? '', 'base64')
}

/** A field without its checksum is refused as well: the checksums are what is tested. */
function hasTrueChecksums(sent: Record<string, string>): boolean {
  return (['plaintext', 'ciphertext', 'additionalAuthenticatedData'] as const).every(
    (field) => sent[field] === undefined || sent[`${field}Crc32c`] === String(crc32c(bytes(sent[field]))),
  )
}

/** A JWT that the account signed for itself, as Google's APIs take it (https://google.aip.dev/auth/4111). */
function isSignedBy(account: ServiceAccount, authorization: string): boolean {
  const [, signed = '', payload = '', signature = ''] =
    /^Bearer ([^.]+\.([^.]+))\.([^.]+)$/.exec(authorization) ?? []
  if (!verify('sha256', Buffer.from(signed), account.publicKey, Buffer.from(signature, 'base64url')))
    return false
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return claims.iss === account.email && claims.exp * 1000 > Date.now()
}
