export { type DkimKey, openDkimKey, type ReadDkimKey, readDkimKey } from './dkim-key.ts'
export { type KeyServiceName, type KeyVariables, keyServices, keyVariables } from './key-variables.ts'
export { isLoopback, isLoopbackAddress } from './loopback.ts'
export { envelopeOf, mailHeaders, oneRecipient } from './mail-envelope.ts'
export {
  faultsOfDkim,
  type MailVariables,
  mailFaultsInProduction,
  mailVariables,
  senderOf,
} from './mail-variables.ts'
export { ignoredNames, type MisspeltName, misspeltNames } from './misspelt-names.ts'
export { isHttpOrigin, publicVariables } from './public-variables.ts'
export { type ReadVariables, readVariables } from './read-variables.ts'
export { replyCodes } from './reply-codes.ts'
export { createReplyMask, type MailLogin, type ReplyMask } from './reply-mask.ts'
export { type ServerVariables, serverVariables } from './server-variables.ts'
export { sessionVariables } from './session-variables.ts'
export { mailConnections, mailDeadlineMs, smtpOptionsFor } from './smtp-options.ts'
export { storePathOf, storeVariables } from './store-variables.ts'
export { wholeNumber } from './whole-number.ts'
