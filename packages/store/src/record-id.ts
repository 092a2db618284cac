import { randomBytes } from '@holdfast/core'

/**
 * A new id for a record: the time in milliseconds and 80 random bits, 22 characters of base64url. Records of
 * one moment stand together in every index that starts with the id, so a commit touches fewer pages.
 */
export function createRecordId(nowMs: number): string {
  const time = Buffer.allocUnsafe(6)
  time.writeUIntBE(nowMs, 0, 6)
  return Buffer.concat([time, randomBytes(10)]).toString('base64url')
}
