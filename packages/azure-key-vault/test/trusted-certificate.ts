import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { generate } from 'selfsigned'

export interface Certificate {
  key: string
  cert: string
}

/** A certificate for 127.0.0.1, and for `hostNames`, that nobody vouches for. */
export async function createCertificate(...hostNames: string[]): Promise<Certificate> {
  const names = hostNames.map((value) => ({ type: 2 as const, value }))
  const made = await generate([{ name: 'commonName', value: 'Holdfast test' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }, ...names] },
    ],
  })
  return { key: made.private, cert: made.cert }
}

/** The same, trusted by this process from now on. */
export async function createTrustedCertificate(...hostNames: string[]): Promise<Certificate> {
  const certificate = await createCertificate(...hostNames)
  setDefaultCACertificates([...getCACertificates('default'), certificate.cert])
  return certificate
}
