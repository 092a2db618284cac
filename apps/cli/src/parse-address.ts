import { parseEmailAddress } from '@holdfast/core'
import { InvalidArgumentError } from 'commander'

/** The canonical form of an address that an option names. */
export function parseAddress(text: string): string {
  const parsed = parseEmailAddress(text)
  if (!parsed.ok) throw new InvalidArgumentError('expected one address, such as you@example.com')
  return parsed.email
}
