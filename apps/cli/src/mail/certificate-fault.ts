import type { Diagnosis, FailedSession } from './diagnosis.ts'

const trustIt =
  'give it one of an authority that this machine trusts, or trust it: NODE_EXTRA_CA_CERTS=<its PEM file>, for the server and for this tool'

/** What OpenSSL and Node say of certificates that they do not take. (X509_verify_cert_error_string) */
const faults: Record<string, Diagnosis> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: 'certificate_self_signed', says: 'is self-signed', remedy: trustIt },
  SELF_SIGNED_CERT_IN_CHAIN: {
    code: 'certificate_untrusted',
    says: 'is of an authority that this machine does not trust',
    remedy: trustIt,
  },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: {
    code: 'certificate_untrusted',
    says: 'is of an authority that this machine does not know',
    remedy: trustIt,
  },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: {
    code: 'certificate_untrusted',
    says: 'is of an authority that this machine does not know, or came without the certificates between',
    remedy: `let it send its whole chain; ${trustIt}`,
  },
  CERT_HAS_EXPIRED: {
    code: 'certificate_expired',
    says: 'has expired',
    remedy: 'renew it there; and see that the clock of this machine is right',
  },
  CERT_NOT_YET_VALID: {
    code: 'certificate_not_yet_valid',
    says: 'is not valid yet',
    remedy: 'see that the clock of this machine is right; else the certificate is to be made anew there',
  },
}

/** A certificate that was not taken; `undefined` where it was not that. */
export function certificateFault({ error, host }: FailedSession): Diagnosis | undefined {
  const { originalCode = '' } = error
  const about = `the certificate of ${host}`
  if (originalCode === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = namesOf(error)
    return {
      code: 'certificate_wrong_host',
      says: `${about} is for another name${names === '' ? '' : ` (${names})`}`,
      remedy: 'write the name that the certificate has into SMTP_URL, or give the server one with this name',
    }
  }
  const known = faults[originalCode]
  if (known !== undefined) return { ...known, says: `${about} ${known.says}` }
  if (!/CERT|CRL/.test(originalCode)) return undefined
  return { code: 'certificate_invalid', says: `${about} is not taken (${originalCode})`, remedy: trustIt }
}

function namesOf(error: object): string {
  const { cert } = error as { cert?: { subjectaltname?: string } }
  return (cert?.subjectaltname ?? '').replace(/\p{C}/gu, ' ').slice(0, 200)
}
