export { base32 } from './base32.ts'
export { codeMac, issueCode, parseCode } from './code.ts'
export { type Delivery, deliveryAt, type MailRecord } from './delivery.ts'
export {
  begunSessionIdFor,
  requestNameOf,
  sessionKeyOf,
  signedInSessionIdFor,
  signInIdFor,
} from './derived-id.ts'
export { syncFolder } from './durable-file.ts'
export { mailboxOf, maskEmailAddress, parseEmailAddress, pseudonymOf } from './email-address.ts'
export { isErrno } from './errno.ts'
export { guessWaitMs } from './guess-wait.ts'
export type { Key, KeyState } from './key.ts'
export { keyRingFromTexts } from './key-environment.ts'
export { type KeyFileSource, keyFileSource } from './key-file.ts'
export { keySourceAt } from './key-folder.ts'
export { KeyRing } from './key-ring.ts'
export { addOlderKey, retireKey, revokeKey, rotateKeys } from './key-ring-changes.ts'
export { KeyRingError } from './key-ring-error.ts'
export {
  createKeyRingRecord,
  fingerprintOf,
  type KeyRingRecord,
  resolveKeys,
  settleStates,
} from './key-ring-record.ts'
export { parseKeyRing } from './key-ring-text.ts'
export type { KeySource, LoadedKeyRing } from './key-source.ts'
export { keyTextsSource, type TextPlace } from './key-texts-source.ts'
export {
  type KeyWrapper,
  type KeyWrapperCall,
  KeyWrapperError,
  type KeyWrapperFault,
  type WrappedDataKey,
} from './key-wrapper.ts'
export { makeFolder } from './make-folder.ts'
export { randomBytes } from './random-bytes.ts'
export { type Reason, reasons } from './reason.ts'
export { createReference, parseReference } from './reference.ts'
export { type Opened, open, seal } from './seal.ts'
export {
  createGeneration,
  createSessionId,
  generationOf,
  signSessionToken,
  verifySessionToken,
} from './session-token.ts'
export { untilAborted } from './until-aborted.ts'
export {
  isRepeatable,
  isSameMac,
  refusalOf,
  repeatableForMs,
  type VerificationReason,
} from './verification.ts'
export { type CallKeyWrapper, wrappedFormat } from './wrapped-key-ring.ts'
