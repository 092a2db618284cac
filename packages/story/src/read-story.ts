import { parseReference } from '@holdfast/core'
import {
  type CodeRow,
  db,
  type LedgerRow,
  type SignInRow,
  type Store,
  type VerificationRow,
} from '@holdfast/store'
import { type Entry, entryOf } from './entry.ts'

type StoreReader = Pick<Store, 'read'>

/** What the store knows of one verification and of the sign-in that it led to; each record is purged some time after its end. */
export interface Story {
  verification: VerificationRow | undefined
  codes: CodeRow[]
  signIn: (SignInRow & { email: string }) | undefined
  /** What happened to the two, oldest first. */
  own: Entry[]
  /** What happened meanwhile to servers, keys and store. */
  around: Entry[]
  /** The reference of the verification that took this one's place in its browser. */
  replacedBy: string | undefined
}

/** Reads the story that a reference or the id of a sign-in names; `undefined` when the store knows neither. */
export async function readStory(store: StoreReader, name: string, nowMs: number): Promise<Story | undefined> {
  const verificationId = await findVerificationId(store, name)
  if (verificationId === undefined) return undefined
  const [[verification], [signIn], codes, ofVerification] = await Promise.all([
    store.read(db.selectFrom('verifications').selectAll().where('id', '=', verificationId)),
    store.read(
      db
        .selectFrom('signIns')
        .innerJoin('accounts', 'accounts.id', 'signIns.accountId')
        .selectAll('signIns')
        .select('accounts.email')
        .where('signIns.verificationId', '=', verificationId),
    ),
    store.read(
      db.selectFrom('codes').selectAll().where('verificationId', '=', verificationId).orderBy('number'),
    ),
    store.read(db.selectFrom('ledger').selectAll().where('verificationId', '=', verificationId)),
  ])
  const signInId = signIn?.id ?? ofVerification.find((row) => row.signInId !== null)?.signInId ?? name
  const ofSignIn = await store.read(db.selectFrom('ledger').selectAll().where('signInId', '=', signInId))
  const own = inOrder([...ofVerification, ...ofSignIn])
  const fromMs = verification?.createdAtMs ?? own[0]?.atMs ?? signIn?.authTimeMs ?? nowMs
  const untilMs = Math.min(nowMs, endOf({ verification, signIn }, own))
  return {
    verification,
    signIn,
    codes,
    own,
    around: await readAround(store, fromMs, untilMs),
    replacedBy: await readReplacement(store, verification, own),
  }
}

/** By the records, and once they are purged by the ledger, which is kept for much longer. */
async function findVerificationId(store: StoreReader, name: string): Promise<string | undefined> {
  const reference = parseReference(name)
  const [[byReference], [bySignIn]] = await Promise.all([
    store.read(
      db
        .selectFrom('verifications')
        .select('id')
        .where('reference', '=', reference ?? ''),
    ),
    store.read(db.selectFrom('signIns').select('verificationId').where('id', '=', name)),
  ])
  const id = byReference?.id ?? bySignIn?.verificationId
  if (id !== undefined) return id
  const told = db.selectFrom('ledger').select('verificationId').where('verificationId', 'is not', null)
  const [row] = await store.read(
    reference === undefined
      ? told.where('signInId', '=', name)
      : told.where('event', '=', 'code_asked').where('detail', 'like', `%"reference":"${reference}"%`),
  )
  return row?.verificationId ?? undefined
}

/** Until when servers and keys matter to it. */
function endOf(
  { verification, signIn }: Pick<Story, 'verification' | 'signIn'>,
  own: readonly Entry[],
): number {
  if (signIn !== undefined) return signIn.endedAtMs ?? signIn.expiresAtMs
  const lastMs = own.at(-1)?.atMs ?? 0
  return verification?.state === 'pending' ? Math.max(lastMs, verification.expiresAtMs) : lastMs
}

async function readAround(store: StoreReader, fromMs: number, untilMs: number): Promise<Entry[]> {
  const [within, crashes] = await Promise.all([
    store.read(
      db
        .selectFrom('ledger')
        .selectAll()
        .where('atMs', '>=', fromMs)
        .where('atMs', '<=', untilMs)
        .where(({ eb, or }) =>
          or([eb('event', 'like', 'server_%'), eb('event', 'like', 'store_%'), eb('event', 'like', 'key_%')]),
        ),
    ),
    store.read(
      db.selectFrom('ledger').selectAll().where('event', '=', 'server_crashed').where('atMs', '>', untilMs),
    ),
  ])
  // Noticed by a later start only, but it happened while this was under way.
  const noticedLater = crashes.filter((row) => {
    const { startedAtMs, lastAliveAtMs } = entryOf(row).detail
    return (
      Number(startedAtMs) <= untilMs && Number(lastAliveAtMs) >= fromMs && Number(lastAliveAtMs) <= untilMs
    )
  })
  return inOrder([...within, ...noticedLater])
}

/** Asking for a code cancels, in the same moment, what the session had under way. */
async function readReplacement(
  store: StoreReader,
  verification: VerificationRow | undefined,
  own: readonly Entry[],
): Promise<string | undefined> {
  const cancelled = own.find(({ event }) => event === 'verification_cancelled')
  if (verification === undefined || cancelled === undefined) return undefined
  const [next] = await store.read(
    db
      .selectFrom('verifications')
      .select('reference')
      .where('sessionKey', '=', verification.sessionKey)
      .where('createdAtMs', '=', cancelled.atMs)
      .where('id', '<>', verification.id),
  )
  return next?.reference
}

function inOrder(rows: readonly LedgerRowRead[]): Entry[] {
  return [...new Map(rows.map((row) => [row.id, entryOf(row)])).values()].sort(
    (one, other) => one.atMs - other.atMs || one.id - other.id,
  )
}

type LedgerRowRead = Omit<LedgerRow, 'id'> & { id: number }
