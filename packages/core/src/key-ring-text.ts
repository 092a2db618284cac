import { createHash } from 'node:crypto'
import { activeKey, deriveKid, type Key, type KeyState } from './key.ts'
import { KeyRingError } from './key-ring-error.ts'
import type { KeyRingRecord } from './key-ring-record.ts'
import { parseSecretKey } from './secret-key.ts'

const states: readonly string[] = ['staged', 'active', 'retired', 'revoked'] satisfies KeyState[]
const idPattern = /^[a-z2-7]{8}$/
/** One more than it must still be a number that JSON carries unchanged. */
const largestEpoch = 2 ** 52

/** The ring as text for a file: JSON with a checksum, so that a torn or edited file is never half believed. */
export function formatKeyRing(record: KeyRingRecord): string {
  const body = {
    holdfast: 'key-ring',
    version: 1,
    ringId: record.ringId,
    epoch: record.epoch,
    keys: record.keys.map((key) => ({
      kid: key.kid,
      state: key.state,
      created: toIso(key.createdAtMs),
      signsFrom: toIso(key.signsFromMs),
      signsUntil: toIso(key.signsUntilMs),
      verifiesUntil: toIso(key.verifiesUntilMs),
      secret: key.secret === null ? null : Buffer.from(key.secret).toString('base64url'),
    })),
  }
  return `${JSON.stringify({ ...body, checksum: checksum(body) }, null, 2)}\n`
}

/**
 * Reads a ring from the text of a key file: either what `formatKeyRing` wrote, or the single line of an
 * older app, which becomes a ring of one key.
 *
 * @throws {KeyRingError} with every fault of every key
 */
export function parseKeyRing(text: string): KeyRingRecord {
  if (!text.trimStart().startsWith('{')) return parseSingleLine(text)
  const { checksum: claimed, ...body } = parseObject(text)
  if (body.holdfast === 'wrapped-key-ring') {
    throw new KeyRingError(
      `is wrapped by ${shown(body.service)}: name it in SECRET_KEY_SOURCE as ${shown(body.service)}: and its path`,
    )
  }
  if (body.holdfast !== 'key-ring') throw new KeyRingError('is JSON, but not a Holdfast key ring')
  if (body.version !== 1) throw new KeyRingError(`has version ${shown(body.version)}; this Holdfast reads 1`)
  if (claimed !== checksum(body)) {
    throw new KeyRingError('does not match its checksum: it was cut short or edited by hand')
  }
  const { ringId, epoch, keys } = body
  const isWhole =
    typeof ringId === 'string' &&
    idPattern.test(ringId) &&
    Number.isSafeInteger(epoch) &&
    (epoch as number) >= 0 &&
    (epoch as number) < largestEpoch &&
    Array.isArray(keys)
  if (!isWhole) throw new KeyRingError('lacks a ringId of 8 letters, an epoch or keys')
  const faults: string[] = []
  const parsed = keys.map((key: unknown) => parseKey(key, faults))
  if (new Set(parsed.map((key) => key.kid)).size !== parsed.length) faults.push('has the same key twice')
  if (faults.length > 0) throw new KeyRingError(...faults)
  return { ringId, epoch: epoch as number, keys: parsed }
}

function parseSingleLine(text: string): KeyRingRecord {
  const parsed = parseSecretKey(text)
  if (!parsed.ok) throw new KeyRingError(`holds a key that ${parsed.fault}`)
  return { ringId: deriveKid(parsed.secret), epoch: 0, keys: [activeKey(parsed.secret)] }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    // JSON.parse quotes its input in its message, and the input is a secret.
    throw new KeyRingError('is neither a key ring nor a single line of text: its JSON does not parse')
  }
}

function parseKey(value: unknown, faults: string[]): Key {
  const entry = (value ?? {}) as Record<string, unknown>
  // It is shown in messages, so it must be what a kid is and not a key in the wrong place.
  const isKid = typeof entry.kid === 'string' && idPattern.test(entry.kid)
  const kid = isKid ? (entry.kid as string) : '(no kid)'
  const complain = (fault: string) => faults.push(`holds key ${kid} ${fault}`)
  const time = (timeText: unknown): number | null => {
    if (timeText === null) return null
    const timeMs = typeof timeText === 'string' ? Date.parse(timeText) : Number.NaN
    if (Number.isNaN(timeMs)) complain('with a time that is not ISO 8601')
    return timeMs
  }
  const key: Key = {
    kid,
    secret: parseSecret(entry, kid, complain),
    state: entry.state as KeyState,
    createdAtMs: time(entry.created),
    signsFromMs: time(entry.signsFrom) ?? 0,
    signsUntilMs: time(entry.signsUntil),
    verifiesUntilMs: time(entry.verifiesUntil),
  }
  if (!isKid) complain('without a kid of 8 letters')
  if (!states.includes(entry.state as string)) complain('in an unknown state')
  if (!isInOrder(key)) complain('with times out of order: signsFrom, signsUntil, verifiesUntil')
  return key
}

function parseSecret(
  entry: Record<string, unknown>,
  kid: string,
  complain: (fault: string) => void,
): Uint8Array | null {
  if (entry.secret === null) {
    const isOver = entry.state === 'revoked' || (entry.state === 'retired' && entry.verifiesUntil !== null)
    if (!isOver) complain('without its secret, although it is still to verify')
    return null
  }
  const parsed = parseSecretKey(typeof entry.secret === 'string' ? entry.secret : '')
  if (!parsed.ok) {
    complain(`that ${parsed.fault}`)
    return null
  }
  if (kid !== '(no kid)' && deriveKid(parsed.secret) !== kid) complain('under the wrong kid')
  return parsed.secret
}

function isInOrder({ signsFromMs, signsUntilMs, verifiesUntilMs }: Key): boolean {
  const times = [signsFromMs, signsUntilMs, verifiesUntilMs].filter((timeMs) => timeMs !== null)
  return times.every((timeMs, index) => index === 0 || !(timeMs < (times[index - 1] ?? timeMs)))
}

/** A member that a message names: whatever stands there, it must not break the message. */
export function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 40) : 'none'
}

function toIso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}

function checksum(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}
