import { createPrivateKey } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { MailVariables } from './mail-variables.ts'

/** What a mail is signed with, so that others can tell that it comes from that domain. (RFC 6376) */
export interface DkimKey {
  domainName: string
  keySelector: string
  privateKey: string
}

export type ReadDkimKey = { ok: true; key: DkimKey } | { ok: false; fault: string }

/** Signers must use at least as many. (RFC 8301 section 3.2) */
const leastBits = 1024

export async function readDkimKey(options: {
  domain: string
  selector: string
  file: string
}): Promise<ReadDkimKey> {
  try {
    const privateKey = await readFile(options.file, 'utf8')
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(privateKey)
    const bits = asymmetricKeyDetails?.modulusLength ?? 0
    if (asymmetricKeyType !== 'rsa' || bits < leastBits) {
      return { ok: false, fault: `holds no RSA key of at least ${leastBits} bits` }
    }
    return { ok: true, key: { domainName: options.domain, keySelector: options.selector, privateKey } }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    const fault = syscall === undefined ? 'holds no private key in PEM' : `cannot be read (${code})`
    return { ok: false, fault }
  }
}

/** The key that the variables name; `undefined` where they name none. */
export async function openDkimKey(
  values: MailVariables,
): Promise<{ ok: true; key: DkimKey | undefined } | Exclude<ReadDkimKey, { ok: true }>> {
  const { DKIM_DOMAIN: domain, DKIM_SELECTOR: selector, DKIM_KEY_FILE: file } = values
  if (domain === undefined || selector === undefined || file === undefined)
    return { ok: true, key: undefined }
  return readDkimKey({ domain, selector, file })
}
