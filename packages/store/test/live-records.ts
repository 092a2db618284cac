import { createReference } from '@holdfast/core'
import { createRecordId } from '../src/record-id.ts'
import type { Store } from '../src/store.ts'
import { type CodeRow, db, type SignInRow, type VerificationRow } from '../src/tables.ts'

/*
 * Rows as the server writes them, live at `nowMs` and for an hour from then; `changes` are what a test is about.
 */

const hourMs = 3_600_000

interface About {
  nowMs: number
  kid: string
}

/** A verification that is pending. */
export async function addVerification(
  store: Store,
  { nowMs, kid, ...changes }: About & Partial<VerificationRow>,
): Promise<string> {
  const id = createRecordId(nowMs)
  await store.write(
    db.insertInto('verifications').values({
      id,
      reference: createReference(),
      sessionKey: id,
      kid,
      type: 'login',
      email: 'ada@example.com',
      state: 'pending',
      attempts: 0,
      maxAttempts: 5,
      sends: 1,
      codeLength: 6,
      createdAtMs: nowMs,
      sentAtMs: nowMs,
      resendAtMs: nowMs,
      expiresAtMs: nowMs + hourMs,
      verifiedAtMs: null,
      acceptedMac: null,
      chances: 0,
      changeId: null,
      ...changes,
    }),
  )
  return id
}

/** A mail of that verification that is not handed over yet, sealed with the key `kid`. */
export async function addMail(
  store: Store,
  {
    nowMs,
    kid,
    verificationId,
    ...changes
  }: About & Pick<CodeRow, 'verificationId'> & Partial<Omit<CodeRow, 'verificationId'>>,
): Promise<void> {
  await store.write(
    db.insertInto('codes').values({
      verificationId,
      number: 1,
      mac: '',
      email: 'ada@example.com',
      sealed: `v1.${kid}.AAAAAAAAAAAAAAAA`,
      expiresAtMs: nowMs + hourMs,
      delivery: 'queued',
      tries: 0,
      dueAtMs: nowMs,
      ...changes,
    }),
  )
}

/** A sign-in that was used just now. */
export async function addSignIn(
  store: Store,
  { nowMs, kid, ...changes }: About & Partial<SignInRow>,
): Promise<string> {
  const id = createRecordId(nowMs)
  await store.write(
    db.insertInto('accounts').values({ id, email: `${id}@example.com`, createdAtMs: nowMs }),
    db.insertInto('signIns').values({
      id,
      accountId: id,
      verificationId: id,
      sessionKey: id,
      kid,
      authTimeMs: nowMs,
      lastSeenAtMs: nowMs,
      expiresAtMs: nowMs + hourMs,
      endedAtMs: null,
      endReason: null,
      ...changes,
    }),
  )
  return id
}

/** The blob of a session, as Keyv keeps it. */
export async function addBlob(
  store: Store,
  { sessionKey, kid }: { sessionKey: string; kid: string },
): Promise<void> {
  await store.write(
    db.insertInto('sessionBlobs').values({ key: sessionKey, value: `v1.${kid}.sealed`, namespace: '' }),
  )
}
