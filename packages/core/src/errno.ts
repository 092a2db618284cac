import { constants } from 'node:os'

const numbers: Readonly<Record<string, number>> = constants.errno

/**
 * Whether an error of the operating system has one of these codes, such as `ENOENT`. Node has no name for some of
 * them, such as EDQUOT: those are told by their number.
 */
export function isErrno(error: unknown, ...codes: readonly string[]): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  const negated = 'errno' in error ? Number(error.errno) : Number.NaN
  return codes.some((code) => error.code === code || numbers[code] === -negated)
}
