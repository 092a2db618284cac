import { join, resolve } from 'node:path'
import { KeyRingError, keyRingFromTexts, type TextPlace } from '@holdfast/core'
import type { KeyServiceName, KeyVariables } from '@holdfast/settings'

/** Which of the sources the variables choose. */
export type KeySourceChoice =
  | { kind: 'texts'; signer: TextPlace; fallbacks?: TextPlace }
  | { kind: 'path'; path: string }
  | { kind: 'wrapped'; service: KeyServiceName; path: string }

/** Exactly one source, or every fault that stands against it: by the name of the variable, never by its value. */
export function chooseKeySource(
  variables: KeyVariables,
): { ok: true; choice: KeySourceChoice } | { ok: false; faults: string[] } {
  const signer = placeOf(variables, 'SECRET_KEY')
  const fallbacks = placeOf(variables, 'SECRET_KEY_FALLBACKS')
  const faults = faultsOf(variables, { signer, fallbacks })
  if (faults.length > 0) return { ok: false, faults }
  if (signer !== undefined) {
    return {
      ok: true,
      choice: { kind: 'texts', signer, ...(fallbacks !== undefined && { fallbacks }) },
    }
  }
  return { ok: true, choice: choosePath(variables) }
}

/** What a production server without a named source is told. */
export const needsKeySource =
  'SECRET_KEY: production needs a key source that outlives this process; set SECRET_KEY (`openssl rand -hex 32`) or SECRET_KEY_SOURCE=file:/path on a durable disk'

/** Whether one of the variables names the source; production takes no other. */
export function namesKeySource(variables: KeyVariables): boolean {
  const { SECRET_KEY, SECRET_KEY_FILE, SECRET_KEY_SOURCE } = variables
  return [SECRET_KEY, SECRET_KEY_FILE, SECRET_KEY_SOURCE].some((value) => value !== undefined)
}

function choosePath({ SECRET_KEY_SOURCE, DATA_DIR }: KeyVariables): KeySourceChoice {
  const [, scheme = 'file', path = ''] = /^([\w-]+):(.*)$/.exec(SECRET_KEY_SOURCE ?? '') ?? []
  if (scheme === 'file') {
    return { kind: 'path', path: resolve(path === '' ? join(DATA_DIR, 'secret_key.txt') : path) }
  }
  return {
    kind: 'wrapped',
    service: scheme as KeyServiceName,
    path: resolve(path === '' ? join(DATA_DIR, 'secret_key.wrapped.json') : path),
  }
}

function placeOf(
  variables: KeyVariables,
  name: 'SECRET_KEY' | 'SECRET_KEY_FALLBACKS',
): TextPlace | undefined {
  const text = variables[name]
  const path = variables[`${name}_FILE`]
  if (text !== undefined) return { name, text }
  return path === undefined ? undefined : { name: `${name}_FILE`, path: resolve(path) }
}

function faultsOf(
  variables: KeyVariables,
  { signer, fallbacks }: { signer: TextPlace | undefined; fallbacks: TextPlace | undefined },
): string[] {
  const faults: string[] = []
  for (const name of ['SECRET_KEY', 'SECRET_KEY_FALLBACKS'] as const) {
    if (variables[name] !== undefined && variables[`${name}_FILE`] !== undefined) {
      faults.push(`${name}_FILE: ${name} is set too; keep exactly one source`)
    }
  }
  const source = variables.SECRET_KEY_SOURCE
  if (source === 'env:' && signer === undefined) {
    faults.push(
      'SECRET_KEY: SECRET_KEY_SOURCE is env:, so set SECRET_KEY, such as `openssl rand -hex 32` prints, or SECRET_KEY_FILE',
    )
  }
  if (source !== undefined && source !== 'env:' && signer !== undefined) {
    faults.push(`SECRET_KEY_SOURCE: names a source while ${signer.name} is set too; keep exactly one source`)
  }
  if (signer === undefined && fallbacks !== undefined) {
    faults.push(`${fallbacks.name}: older keys need a SECRET_KEY that signs; set it too`)
  }
  faults.push(...faultsOfTexts(signer, fallbacks))
  return faults
}

/** Keys that stand in variables are read right away, so that their faults are told with all the others. */
function faultsOfTexts(signer: TextPlace | undefined, fallbacks: TextPlace | undefined): string[] {
  if (signer === undefined || !('text' in signer)) return []
  try {
    keyRingFromTexts({ signer, ...(fallbacks !== undefined && 'text' in fallbacks && { fallbacks }) })
    return []
  } catch (error) {
    if (error instanceof KeyRingError) return [...error.faults]
    throw error
  }
}
