import { createHash } from 'node:crypto'
import { activeKey, deriveKid, type Key, type KeyState } from './key.ts'
import type { KeyRingRecord } from './key-ring.ts'
import { KeyRingError } from './key-ring-error.ts'
import { parseSecretKey } from './secret-key.ts'

const states: readonly string[] = ['staged', 'active', 'retired', 'revoked'] satisfies KeyState[]

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
      signsUntil: key.signsUntilMs === null ? null : toIso(key.signsUntilMs),
      verifiesUntil: key.verifiesUntilMs === null ? null : toIso(key.verifiesUntilMs),
      secret: Buffer.from(key.secret).toString('base64url'),
    })),
  }
  return `${JSON.stringify({ ...body, checksum: checksum(body) }, null, 2)}\n`
}

/**
 * Reads a ring from the text of a key file: either what `formatKeyRing` wrote, or the single line of an
 * older app, which becomes a ring of one key.
 *
 * @throws {KeyRingError} that names the fault
 */
export function parseKeyRing(text: string): KeyRingRecord {
  if (!text.trimStart().startsWith('{')) return parseSingleLine(text)
  const { checksum: claimed, ...body } = parseObject(text)
  if (body.holdfast !== 'key-ring') throw new KeyRingError('is JSON, but not a Holdfast key ring')
  if (body.version !== 1) throw new KeyRingError(`has version ${String(body.version)}; this Holdfast reads 1`)
  if (claimed !== checksum(body)) {
    throw new KeyRingError('does not match its checksum: it was cut short or edited by hand')
  }
  const { ringId, epoch, keys } = body
  if (typeof ringId !== 'string' || !Number.isSafeInteger(epoch) || !Array.isArray(keys)) {
    throw new KeyRingError('lacks ringId, epoch or keys')
  }
  const record = { ringId, epoch: epoch as number, keys: keys.map(parseKey) }
  const kids = new Set(record.keys.map((key) => key.kid))
  if (kids.size !== record.keys.length) throw new KeyRingError('has the same key twice')
  return record
}

function parseSingleLine(text: string): KeyRingRecord {
  const parsed = parseSecretKey(text)
  if (!parsed.ok) throw new KeyRingError(`holds a key that ${parsed.fault}`)
  return { ringId: deriveKid(parsed.secret), epoch: 0, keys: [activeKey(parsed.secret, 0)] }
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    // JSON.parse quotes its input in its message, and the input is a secret.
    throw new KeyRingError('is neither a key ring nor a single line of text: its JSON does not parse')
  }
}

function parseKey(value: unknown): Key {
  const entry = value as Record<string, unknown>
  const kid = typeof entry?.kid === 'string' ? entry.kid : '(no kid)'
  const parsed = parseSecretKey(typeof entry?.secret === 'string' ? entry.secret : '')
  if (!parsed.ok) throw new KeyRingError(`holds key ${kid}, which ${parsed.fault}`)
  if (deriveKid(parsed.secret) !== kid) throw new KeyRingError(`holds key ${kid} under the wrong kid`)
  if (!states.includes(String(entry.state))) throw new KeyRingError(`holds key ${kid} in an unknown state`)
  return {
    kid,
    secret: parsed.secret,
    state: entry.state as KeyState,
    createdAtMs: parseTime(entry.created, kid),
    signsFromMs: parseTime(entry.signsFrom, kid),
    signsUntilMs: entry.signsUntil === null ? null : parseTime(entry.signsUntil, kid),
    verifiesUntilMs: entry.verifiesUntil === null ? null : parseTime(entry.verifiesUntil, kid),
  }
}

function parseTime(value: unknown, kid: string): number {
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN
  if (Number.isNaN(timeMs)) throw new KeyRingError(`holds key ${kid} with a time that is not ISO 8601`)
  return timeMs
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString()
}

function checksum(body: object): string {
  return createHash('sha256').update(JSON.stringify(body)).digest('hex')
}
