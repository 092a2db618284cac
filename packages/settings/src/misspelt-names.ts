import { distance } from 'fastest-levenshtein'
import { serverVariables } from './server-variables.ts'

/** A variable that is none of Holdfast's, and the one that was probably meant. */
export interface MisspeltName {
  found: string
  meant: string
}

const names = Object.keys(serverVariables.shape)
/** In an environment where many programs look for theirs, what is as short as HOST or PORT is like too much else. */
const comparable = names.filter((name) => name.length >= 8)
/** One letter away from a name of ours, and what many programs call something else. */
const ofOthers = ['LOG_FILE']
/** What people put before a name so that nobody takes it for another program's. */
const prefix = /^(?:HOLDFAST|APP|COOKIE)_/
/** A name can hold anything; what no shell can set is nobody's typing error, and may not belong into a log. */
const printable = /^[\w.-]+$/

/** The variables that look like one of Holdfast's and are ignored because they are none. Never looks at their values. */
export function misspeltNames(environment: Record<string, string | undefined>): MisspeltName[] {
  return Object.entries(environment)
    .filter(([found, value]) => value !== undefined && value !== '' && !names.includes(found))
    .filter(([found]) => printable.test(found) && !ofOthers.includes(found))
    .flatMap(([found]) => {
      const meant = meantBy(found.toUpperCase().replace(/[.-]/g, '_'))
      return meant === undefined ? [] : [{ found, meant }]
    })
}

/** What is told of them: one line, or none where there is nothing to tell. */
export function ignoredNames(misspelt: readonly MisspeltName[]): string[] {
  return misspelt.length === 0 ? [] : [misspeltText(misspelt)]
}

/** The whole of them on one line. */
export function misspeltText(misspelt: readonly MisspeltName[]): string {
  const each = misspelt.map(({ found, meant }) => `${found} (probably ${meant})`)
  return `unknown variables are ignored: ${each.join(', ')}`
}

function meantBy(written: string): string | undefined {
  return likened(written) ?? likened(written.replace(prefix, ''))
}

function likened(written: string): string | undefined {
  return nearest(written) ?? begunBy(written)
}

function nearest(written: string): string | undefined {
  const [first] = comparable
    .map((name) => ({ name, errors: errorsBetween(written, name) }))
    .filter(({ name, errors }) => errors <= mostErrors(name))
    .toSorted((one, other) => one.errors - other.errors)
  return first?.name
}

/** The one name that begins with these words, such as SESSION_IDLE_SECONDS with SESSION_IDLE. */
function begunBy(written: string): string | undefined {
  const begun = names.filter((name) => name.startsWith(`${written}_`))
  return written.includes('_') && begun.length === 1 ? begun[0] : undefined
}

/** Letters in another order, such as SMPT for SMTP, are one error and not two. */
function errorsBetween(written: string, name: string): number {
  const errors = distance(written, name)
  return errors === 2 && sortedLetters(written) === sortedLetters(name) ? 1 : errors
}

function sortedLetters(text: string): string {
  return [...text].sort().join('')
}

/** APP_HOME is two letters from APP_NAME, and means something else. */
function mostErrors({ length }: string): number {
  if (length < 10) return 1
  return length < 16 ? 2 : 3
}
