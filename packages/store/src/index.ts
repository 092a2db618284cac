export { type EndedKeyUse, endKeyUse } from './end-key-use.ts'
export { largeLogBytes, type StoreAlarm } from './file-guard.ts'
export { interruptedEntries } from './interrupted-mails.ts'
export { fitKeyRing, type KeyFit, type KeyNeeds, lossFaults, readKeyNeeds } from './key-needs.ts'
export { countKeyUse, describeKeyUse, isLiveSignIn, type KeyUse, type LiveAt } from './key-use.ts'
export { type KnownKeyRing, readKnownKeyRing, rememberKeyRing } from './known-key-ring.ts'
export { ledgerEntry } from './ledger.ts'
export { holdLifeMark, type LifeMark, type LifeSign, lifeMarkPath, readLifeMark } from './life-mark.ts'
export { endSignIns, type LiveSignIn, readLiveSignIns, type SignInChoice } from './live-sign-ins.ts'
export { openStore } from './open-store.ts'
export { openStoreToRead, type StoreLack, type StoreToRead } from './open-store-to-read.ts'
export { prepared } from './prepared.ts'
export { Purge } from './purge.ts'
export { createRecordId } from './record-id.ts'
export {
  type RunningServer,
  readRunningServers,
  recordServerLoss,
  recordServerStart,
  recordServerStop,
  type ServerLoss,
  tellServerStart,
} from './running-servers.ts'
export { signInEndEntries } from './sign-in-end-entries.ts'
export { isDuplicate } from './sqlite-code.ts'
export type { SqliteStore } from './sqlite-store.ts'
export { type Query, type Store, StoreUnavailableError } from './store.ts'
export { StoreFileError } from './store-file-error.ts'
export {
  type CodeRow,
  db,
  type LedgerRow,
  type SignInRow,
  type Tables,
  type VerificationRow,
} from './tables.ts'
