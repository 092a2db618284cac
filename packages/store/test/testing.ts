export { addMail, addSignIn, addVerification } from './live-records.ts'
export { dumpStore, readStore } from './store-dump.ts'
