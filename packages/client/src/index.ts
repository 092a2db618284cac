export { type Client, type ClientOptions, createClient } from './create-client.ts'
export type { Answer, Outcome } from './exchange.ts'
export {
  isOutage,
  type Problem,
  type ProblemCode,
  type Reason,
  type Refusal,
  type RefusalCode,
  reasons,
  refusalCodes,
  type Unreachable,
} from './problem.ts'
export type { CallName, CallOptions, Retry, TryingOptions, Wait } from './trying.ts'
export {
  type AccountView,
  type Delivery,
  deliveries,
  type ListedSession,
  type SessionView,
  type SignInView,
  type VerificationView,
} from './views.ts'
