import { createHash, createHmac } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

export interface SigningKeys {
  accessKeyId: string
  secretAccessKey: string
}

export type SignatureCheck = { ok: true } | { ok: false; error: string; canonicalRequest?: string }

/** Checks a request as AWS does (Signature Version 4), for the service `kms`. */
export function checkSignature(request: IncomingMessage, body: Buffer, keys: SigningKeys): SignatureCheck {
  const header = request.headers.authorization
  if (header === undefined) return { ok: false, error: 'MissingAuthenticationTokenException' }
  const parts =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([\w-]+)\/kms\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      header,
    )
  if (parts === null) return { ok: false, error: 'IncompleteSignatureException' }
  const [, accessKeyId, day = '', region = '', signedHeaders = '', signature] = parts
  if (accessKeyId !== keys.accessKeyId) return { ok: false, error: 'UnrecognizedClientException' }

  const canonicalRequest = [
    request.method,
    request.url,
    '',
    ...signedHeaders.split(';').map((name) => `${name}:${request.headers[name]}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n')
  const scope = `${day}/${region}/kms/aws4_request`
  const stringToSign = ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonicalRequest)]
  const signingKey = [day, region, 'kms', 'aws4_request'].reduce<string | Buffer>(
    (key, part) => createHmac('sha256', key).update(part).digest(),
    `AWS4${keys.secretAccessKey}`,
  )
  const expected = createHmac('sha256', signingKey).update(stringToSign.join('\n')).digest('hex')
  return expected === signature
    ? { ok: true }
    : { ok: false, error: 'InvalidSignatureException', canonicalRequest }
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex')
}
