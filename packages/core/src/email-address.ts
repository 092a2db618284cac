import { createHmac } from 'node:crypto'
import { domainToASCII } from 'node:url'

export type ParsedEmailAddress = { ok: true; email: string } | { ok: false; fault: string }

// IDNA drops the default-ignorable ones (variation selectors, fillers) without a word.
const invisible = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u
// The atext of RFC 5322 without what some relays still read as a route (`victim%corp@relay`, `relay!victim@corp`)
// or hand to a program (`|command`), and not like a path or an option at its begin.
const localPart = /^(?![/-])[a-z0-9#$&'*+/=?^_`{}~-]+(\.[a-z0-9#$&'*+/=?^_`{}~-]+)*$/
// The full-width forms are what an input method leaves switched on; any other non-ASCII letter that
// NFKC would fold (the Kelvin sign, a ligature) could turn one person's address into another's.
const asciiOrFullWidth = /^[\u0021-\u007e\uff01-\uff5e]*$/
const domainCharacters = /^[a-z0-9.-]*$/i
const domainLabel = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/

/**
 * The one canonical form of an email address: for lookup, limits, MAC, envelope and logs. Trimmed, NFKC,
 * ASCII lower case, the domain by IDNA. Applying it twice changes nothing.
 *
 * The local part is ASCII (SMTPUTF8 is not assumed) and folded to lower case, which RFC 5321 section 2.4
 * discourages and every large provider does. Plus tags and dots stay: they are distinct addresses.
 */
export function parseEmailAddress(input: string): ParsedEmailAddress {
  const trimmed = input.trim()
  if (trimmed === '') return refuse('is empty')
  if (trimmed.length > 254) return refuse('is longer than 254 characters')
  if (invisible.test(trimmed)) return refuse('has invisible characters')
  const [local = '', rawDomain, ...more] = trimmed.normalize('NFKC').toLowerCase().split('@')
  if (rawDomain === undefined || more.length > 0) return refuse('needs exactly one @')
  const rawLocal = trimmed.slice(0, trimmed.search(/[@\uff20]/))
  if (!asciiOrFullWidth.test(rawLocal) || !localPart.test(local)) {
    return refuse('has characters before the @ that Holdfast does not send to')
  }
  if (local.length > 64) return refuse('has more than 64 characters before the @')
  const domain = canonicalDomain(rawDomain)
  if (domain === undefined) return refuse('has no valid domain after the @')
  const email = `${local}@${domain}`
  return email.length > 254 ? refuse('is longer than 254 characters') : { ok: true, email }
}

function canonicalDomain(rawDomain: string): string | undefined {
  // domainToASCII also decodes percent signs and reads IPv4 in hex: only names may come that far.
  const ascii = rawDomain.replace(/[^\0-\x7f]/g, '')
  if (!domainCharacters.test(ascii)) return undefined
  const domain = domainToASCII(rawDomain).replace(/\.$/, '')
  const labels = domain.split('.')
  if (labels.length < 2 || !labels.every((label) => domainLabel.test(label))) return undefined
  if (/^[0-9]+$/.test(labels.at(-1) ?? '')) return undefined
  return domain
}

function refuse(fault: string): ParsedEmailAddress {
  return { ok: false, fault }
}

/** What budgets count by: the variants of an address that reach one inbox are one. */
export function mailboxOf(email: string): string {
  const at = email.lastIndexOf('@')
  const local = email.slice(0, at).replace(/\+.*$/, '').replaceAll('.', '')
  return `${local}${email.slice(at)}`
}

/** An address as a page or a log may show it: `a•••@example.com`. */
export function maskEmailAddress(email: string): string {
  return `${email.slice(0, 1)}•••${email.slice(email.lastIndexOf('@'))}`
}

/**
 * A keyed name for an address, so that log lines about one address can be found without holding it. Its key is
 * not of the key ring: the name must stay the same when keys are rotated.
 */
export function pseudonymOf(pseudonymKey: string, email: string): string {
  return createHmac('sha256', pseudonymKey).update(email).digest('hex').slice(0, 16)
}
