import { chooseKeySource, type KeySourceChoice, namesKeySource, needsKeySource } from '@holdfast/key-sources'
import {
  faultsOfDkim,
  mailFaultsInProduction,
  readVariables,
  type ServerVariables,
  serverVariables,
  storePathOf,
} from '@holdfast/settings'

type SecretVariables =
  | 'SECRET_KEY'
  | 'SECRET_KEY_FILE'
  | 'SECRET_KEY_FALLBACKS'
  | 'SECRET_KEY_FALLBACKS_FILE'
  | 'SECRET_KEY_SOURCE'

export interface Config extends Omit<ServerVariables, 'HOST' | 'PUBLIC_ORIGIN' | SecretVariables> {
  isProduction: boolean
  HOST: string
  /** Set by the operator; without it the origin follows from the port that was bound. */
  PUBLIC_ORIGIN: string | undefined
  storePath: string
  keySource: KeySourceChoice
}

export type LoadedConfig = { ok: true; config: Config } | { ok: false; faults: string[] }

/**
 * Reads the whole configuration at once. Faults name the variable, what was expected and what to do,
 * never the value: it may be a secret.
 */
export function loadConfig(environment: Record<string, string | undefined>): LoadedConfig {
  const { values, faults } = readVariables(serverVariables, environment)
  const chosen = chooseKeySource(values)
  faults.push(...faultsTogether(values), ...(chosen.ok ? [] : chosen.faults))
  if (values.NODE_ENV === 'production') faults.push(...faultsInProduction(values, faults))
  if (faults.length > 0 || !chosen.ok) return { ok: false, faults }
  const isProduction = values.NODE_ENV === 'production'
  const {
    SECRET_KEY: _signer,
    SECRET_KEY_FILE: _signerFile,
    SECRET_KEY_FALLBACKS: _fallbacks,
    SECRET_KEY_FALLBACKS_FILE: _fallbacksFile,
    SECRET_KEY_SOURCE: _source,
    ...rest
  } = values
  return {
    ok: true,
    config: {
      ...rest,
      isProduction,
      HOST: values.HOST ?? (isProduction ? '0.0.0.0' : '127.0.0.1'),
      PUBLIC_ORIGIN: values.PUBLIC_ORIGIN,
      storePath: storePathOf(values),
      keySource: chosen.choice,
    },
  }
}

/** The origins that nodemailer takes for the header; with any other it would refuse every mail. (RFC 6454 section 4) */
const tokenOriginPattern = /^https:\/\/(?:(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\])(?::\d+)?$/

/** What is wrong with variables that are each well-formed. */
function faultsTogether(values: ServerVariables): string[] {
  const faults: string[] = []
  if (values.SESSION_IDLE_SECONDS > values.SESSION_ABSOLUTE_SECONDS) {
    faults.push('SESSION_IDLE_SECONDS: is longer than SESSION_ABSOLUTE_SECONDS; shorten it')
  }
  faults.push(...faultsOfSessionStore(values), ...faultsOfTokenHeader(values), ...faultsOfDkim(values))
  return faults
}

function faultsOfSessionStore({ DATA_DIR, STORE_URL, SESSION_STORE_URL }: ServerVariables): string[] {
  if (SESSION_STORE_URL === undefined) return []
  const own = storePathOf({ DATA_DIR, STORE_URL: SESSION_STORE_URL })
  if (own === storePathOf({ DATA_DIR, STORE_URL })) return []
  return [
    'SESSION_STORE_URL: names another store than STORE_URL; this version keeps sessions in the store: unset it',
  ]
}

function faultsOfTokenHeader({ OTP_TOKEN_HEADER, PUBLIC_ORIGIN = '' }: ServerVariables): string[] {
  if (OTP_TOKEN_HEADER === 'off' || tokenOriginPattern.test(PUBLIC_ORIGIN)) return []
  return [
    'OTP_TOKEN_HEADER: needs a PUBLIC_ORIGIN with https and a plain host name; set that, or turn the header off',
  ]
}

function faultsInProduction(values: ServerVariables, known: readonly string[]): string[] {
  const faults: string[] = []
  const isTold = (name: string) => known.some((fault) => fault.startsWith(name))
  if (!namesKeySource(values) && !isTold('SECRET_KEY')) faults.push(needsKeySource)
  faults.push(...mailFaultsInProduction(values, known))
  if (!values.PUBLIC_ORIGIN?.startsWith('https://') && !isTold('PUBLIC_ORIGIN')) {
    faults.push(
      'PUBLIC_ORIGIN: production needs the https origin that people open, such as https://login.example.com',
    )
  }
  return faults
}
