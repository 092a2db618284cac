import { readFile } from 'node:fs/promises'
import { KeyWrapperError } from '@holdfast/core'

export type Environment = Record<string, string | undefined>

export interface VaultAccess {
  /** Without a slash at its end. */
  address: string
  token: string
  namespace: string | undefined
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/
const headerValue = /^[\x21-\x7e]+$/

/** @throws {KeyWrapperError} `misconfigured` */
export async function loadVaultAccess(environment: Environment, signal: AbortSignal): Promise<VaultAccess> {
  const address = parseAddress(environment.VAULT_ADDR)
  const namespace = environment.VAULT_NAMESPACE || undefined
  if (namespace !== undefined && !headerValue.test(namespace)) {
    throw misconfigured('VAULT_NAMESPACE has white space or characters that are not ASCII')
  }
  return { address, token: await loadToken(environment, signal), namespace }
}

function parseAddress(text: string | undefined): string {
  if (!text) throw misconfigured('VAULT_ADDR is not set: give the https URL of Vault')
  const url = URL.parse(text)
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:'
  if (!url || !isHttp || url.username || url.password || url.search || url.hash) {
    throw misconfigured('VAULT_ADDR is not an https URL without a password and a query')
  }
  if (url.protocol === 'http:' && !loopback.test(url.hostname)) {
    throw misconfigured(
      `VAULT_ADDR is plain http to ${url.hostname}, which would show the token and the data key to the network: use https`,
    )
  }
  return url.href.replace(/\/+$/, '')
}

async function loadToken(environment: Environment, signal: AbortSignal): Promise<string> {
  const { VAULT_TOKEN: ownToken, VAULT_TOKEN_FILE: path } = environment
  if (!ownToken && !path) throw misconfigured('neither VAULT_TOKEN nor VAULT_TOKEN_FILE is set')
  const source = ownToken ? 'VAULT_TOKEN' : 'the file of VAULT_TOKEN_FILE'
  const token = (ownToken || (await readTokenFile(`${path}`, signal))).trim()
  if (!headerValue.test(token)) throw misconfigured(`${source} holds no token of one line`)
  return token
}

async function readTokenFile(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: 'utf8', signal })
  } catch (error) {
    if (signal.aborted) throw error
    const { code } = error as NodeJS.ErrnoException
    throw misconfigured(
      `the file of VAULT_TOKEN_FILE cannot be read (${code}): check that Vault Agent writes ${path}`,
    )
  }
}

function misconfigured(fault: string): KeyWrapperError {
  return new KeyWrapperError('misconfigured', `Vault transit cannot be used, because ${fault}`)
}
