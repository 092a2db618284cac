import { InvalidArgumentError } from 'commander'

export function parseCount(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('expected a whole number')
  return Number(text)
}
