export { type DrillRequest, drill } from './drill.ts'
export { findFreePort } from './free-port.ts'
export type { CommandOptions, CommandResult } from './holdfast-command.ts'
export { canInject, canMount, injecting, withReadOnly } from './injected-fault.ts'
export {
  createSecretKey,
  type Installation,
  openInstallation,
  production,
  type RunningServer,
  type StartOptions,
} from './installation.ts'
export { parseColumnNames, parseRowNames } from './matrix-names.ts'
export { createProxiedFetch } from './proxied-fetch.ts'
export { type LogLine, ServerProcess } from './server-process.ts'
export { setClock, settableClock } from './settable-clock.ts'
export { type ReceivedMail, SmtpSink } from './smtp-sink.ts'
export { type KeyRingView, kidOf, type StoreCounts, Visitor } from './visitor.ts'
