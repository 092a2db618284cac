import { type Opened, open, seal, sessionKeyOf } from '@holdfast/core'
import { type SqliteStore, StoreUnavailableError } from '@holdfast/store'
import KeyvSqlite from '@keyv/sqlite'
import Keyv from 'keyv'
import type { KeyRingAccess } from './keys/key-ring-access.ts'
import { openSealed } from './keys/open-sealed.ts'
import { rememberGood } from './remember.ts'

/**
 * What the session blob holds: where to look, never the truth. Whether somebody is signed in is decided by
 * the sign-in record, so an old blob that a slow request writes back revives nothing.
 */
export interface SessionBlob {
  /** The session has asked for a code at least once; its verifications are found by its key. */
  hasAsked?: boolean
  signInId?: string
  /** The key that it is sealed with: its token may have been issued under another since. */
  kid?: string
}

export type FoundBlob =
  | { ok: true; blob: SessionBlob }
  | { ok: false; reason: 'session_unknown' | 'key_unknown' | 'key_revoked' }

/** Session blobs, sealed with the key ring and kept under the hash of the session id. */
export interface SessionBlobs {
  get(sessionId: string): Promise<FoundBlob>
  set(sessionId: string, blob: object): Promise<void>
  destroy(sessionId: string): Promise<void>
}

class SealedBlobError extends Error {
  override readonly name = 'SealedBlobError'
  readonly reason: 'session_unknown' | 'key_unknown' | 'key_revoked'

  constructor(reason: SealedBlobError['reason']) {
    super(`the session blob cannot be opened: ${reason}`)
    this.reason = reason
  }
}

/**
 * Blobs are kept without a time to live: Keyv deletes on read what looks expired, and a clock that jumped
 * for a minute must not sign anybody out.
 *
 * No listener for Keyv's `error` event may ever be added: without one Keyv throws, with one it swallows
 * the error and answers "no such session".
 */
export async function openSessionBlobs(store: SqliteStore, access: KeyRingAccess): Promise<SessionBlobs> {
  const { keyRing } = access
  const adapter = new KeyvSqlite({
    table: 'sessionBlobs',
    driver: {
      name: 'custom',
      connect: async () => ({
        query: (sql, ...parameters) => store.query(sql, parameters),
        close: async () => {},
      }),
    },
  })
  await adapter.ready
  const keyv = new Keyv<SessionBlob>({
    store: adapter,
    checkExpired: false,
    // Keyv's own looks at every string for its markers of dates and bytes, of which a blob has none.
    serialization: JSON,
    encryption: {
      encrypt: (text: string) => seal(keyRing(), 'session-blob', '', text),
      decrypt: async (sealed: string) => textOf(await openSealed(access, (ring) => openBlob(ring, sealed))),
    },
  })

  return {
    async get(sessionId) {
      try {
        const blob = await keyv.get(sessionKeyOf(sessionId))
        return blob === undefined ? { ok: false, reason: 'session_unknown' } : { ok: true, blob }
      } catch (error) {
        if (error instanceof SealedBlobError) return { ok: false, reason: error.reason }
        throw error
      }
    },
    async set(sessionId, blob) {
      const sealed: SessionBlob = { ...blob, kid: keyRing().signingKid }
      const isStored = await keyv.set(sessionKeyOf(sessionId), sealed)
      if (isStored !== true) throw new StoreUnavailableError('the session was not stored')
    },
    async destroy(sessionId) {
      await keyv.delete(sessionKeyOf(sessionId))
    },
  }
}

const openBlob = rememberGood((ring, sealed) => open(ring, 'session-blob', '', sealed))

function textOf(opened: Opened): string {
  if (opened.ok) return opened.text
  const { reason } = opened
  throw new SealedBlobError(reason === 'malformed' || reason === 'tampered' ? 'session_unknown' : reason)
}
