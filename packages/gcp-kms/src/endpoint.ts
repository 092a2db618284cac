import { KeyWrapperError } from '@holdfast/core'

export interface Endpoint {
  protocol: 'https' | 'http'
  apiEndpoint: string
  port: number
}

const loopbackHosts = ['127.0.0.1', '[::1]']

/**
 * Parses where Cloud KMS is reached instead of `cloudkms.googleapis.com`, as with Private Service Connect:
 * `host[:port]` or an https URL. Plain http goes to this machine alone: it would show data keys and tokens.
 *
 * @throws {KeyWrapperError} `misconfigured`
 */
export function parseEndpoint(text: string): Endpoint {
  const url = URL.parse(text.includes('://') ? text : `https://${text}`)
  if (url === null || url.href !== `${url.origin}/`) throw malformed()
  if (url.protocol === 'https:') return endpoint('https', url)
  if (url.protocol === 'http:' && loopbackHosts.includes(url.hostname)) return endpoint('http', url)
  throw malformed()
}

function endpoint(protocol: Endpoint['protocol'], { hostname, port }: URL): Endpoint {
  return { protocol, apiEndpoint: hostname, port: Number(port) || (protocol === 'https' ? 443 : 80) }
}

function malformed(): KeyWrapperError {
  return new KeyWrapperError(
    'misconfigured',
    'Google Cloud KMS: GCP_KMS_ENDPOINT is malformed. ' +
      'Expected host[:port] or https://host[:port] without a path.',
  )
}
