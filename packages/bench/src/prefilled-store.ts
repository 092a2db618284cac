import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  createKeyRingRecord,
  createSessionId,
  KeyRing,
  keyFileSource,
  seal,
  sessionKeyOf,
  signSessionToken,
} from '@holdfast/core'
import { createRecordId, openStore } from '@holdfast/store'

const dayMs = 86_400_000
/** So many of the sessions, at most, are used by the load, spread over all of them: as many for each size. */
const usedSessions = 1_000

export interface Prefill {
  liveSessions: number
  ledgerRows: number
}

/**
 * Makes a data folder in which so many people are signed in, by SQL and not by signing them in. Returns session tokens
 * of some of them.
 */
export async function prefillStore(folder: string, { liveSessions, ledgerRows }: Prefill): Promise<string[]> {
  const nowMs = Date.now()
  const record = createKeyRingRecord(nowMs)
  await keyFileSource({ path: join(folder, 'data', 'secret_key.txt') }).put(record)
  const ring = new KeyRing(record, nowMs)
  const path = join(folder, 'data', 'holdfast.db')
  const store = await openStore(path)
  store.close()
  const tokens: string[] = []
  fill(path, (database) => {
    const kid = ring.signingKid
    const blob = (signInId: string) =>
      seal(ring, 'session-blob', '', JSON.stringify({ value: { signInId, kid } }))
    const someBlob = blob(createRecordId(nowMs))
    const addAccount = database.prepare('INSERT INTO accounts (id, email, createdAtMs) VALUES (?, ?, ?)')
    const addSignIn = database.prepare(
      `INSERT INTO signIns (id, accountId, verificationId, sessionKey, kid, authTimeMs, lastSeenAtMs, expiresAtMs)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    const addBlob = database.prepare('INSERT INTO sessionBlobs (key, value) VALUES (?, ?)')
    const stride = Math.max(1, Math.floor(liveSessions / usedSessions))
    for (let at = 0; at < liveSessions; at += 1) {
      const id = createRecordId(nowMs)
      const isUsed = at % stride === 0
      const sessionId = createSessionId(store.generation)
      const sessionKey = sessionKeyOf(sessionId)
      addAccount.run(id, `resident-${at}@example.com`, nowMs)
      addSignIn.run(id, id, id, sessionKey, kid, nowMs, nowMs, nowMs + 30 * dayMs)
      addBlob.run(sessionKey, isUsed ? blob(id) : someBlob)
      if (isUsed) tokens.push(signSessionToken(ring, sessionId))
    }
    const addLedgerRow = database.prepare(
      "INSERT INTO ledger (atMs, event, verificationId, kid) VALUES (?, 'code_asked', ?, ?)",
    )
    for (let at = 0; at < ledgerRows; at += 1) addLedgerRow.run(nowMs, createRecordId(nowMs), kid)
  })
  return tokens
}

/** Adds so many rows that have been over for years, a quarter each of sign-ins, verifications, budgets and ledger. */
export function addExpiredRows(folder: string, count: number): void {
  const endedMs = Date.now() - 3 * 365 * dayMs
  fill(join(folder, 'data', 'holdfast.db'), (database) => {
    const addAccount = database.prepare('INSERT INTO accounts (id, email, createdAtMs) VALUES (?, ?, ?)')
    const addSignIn = database.prepare(
      `INSERT INTO signIns (id, accountId, verificationId, sessionKey, kid, authTimeMs, lastSeenAtMs, expiresAtMs)
       VALUES (?, ?, ?, ?, 'aaaaaaaa', ?, ?, ?)`,
    )
    const addBlob = database.prepare("INSERT INTO sessionBlobs (key, value) VALUES (?, 'v1.aaaaaaaa.x')")
    const addVerification = database.prepare(
      `INSERT INTO verifications (id, reference, sessionKey, kid, type, email, state, attempts, maxAttempts, sends,
         codeLength, createdAtMs, sentAtMs, resendAtMs, expiresAtMs, chances)
       VALUES (?, ?, ?, 'aaaaaaaa', 'login', 'old@example.com', 'pending', 0, 5, 1, 6, ?, ?, ?, ?, 0)`,
    )
    const addLimit = database.prepare('INSERT INTO limits (key, count, windowEndsAtMs) VALUES (?, 1, ?)')
    const addLedgerRow = database.prepare("INSERT INTO ledger (atMs, event) VALUES (?, 'guess_wrong')")
    for (let at = 0; at < count / 4; at += 1) {
      const id = createRecordId(endedMs)
      addAccount.run(id, `former-${at}@example.com`, endedMs)
      addSignIn.run(id, id, id, id, endedMs, endedMs, endedMs)
      addBlob.run(id)
      addVerification.run(id, id, id, endedMs, endedMs, endedMs, endedMs)
      addLimit.run(id, endedMs)
      addLedgerRow.run(endedMs)
    }
    // Something has happened a moment ago: the purge need not catch up with years first.
    addLedgerRow.run(Date.now())
  })
}

/** Fast, and safe because a file that is not whole is never used. */
function fill(path: string, work: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(path)
  database.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA wal_autocheckpoint = 50000')
  database.exec('BEGIN')
  work(database)
  database.exec('COMMIT')
  database.close()
}
