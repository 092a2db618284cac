export { codeMac, issueCode, parseCode } from './code.ts'
export { sessionKeyOf, signedInSessionIdFor, signInIdFor } from './derived-id.ts'
export { mailboxOf, maskEmailAddress, parseEmailAddress, pseudonymOf } from './email-address.ts'
export type { Key, KeyState } from './key.ts'
export { keyRingFromEnvironment } from './key-environment.ts'
export { type LoadedKeyFile, loadKeyFile } from './key-file.ts'
export { createKeyRingRecord, KeyRing, type KeyRingRecord, resolveKeys } from './key-ring.ts'
export { KeyRingError } from './key-ring-error.ts'
export { randomBytes } from './random-bytes.ts'
export { type Reason, reasons } from './reason.ts'
export { createReference } from './reference.ts'
export { open, seal } from './seal.ts'
export {
  createGeneration,
  createSessionId,
  generationOf,
  signSessionToken,
  verifySessionToken,
} from './session-token.ts'
export {
  isRepeatable,
  isSameMac,
  matchesAnyCode,
  refusalOf,
  type VerificationReason,
} from './verification.ts'
