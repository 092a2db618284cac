export { type Client, type ClientOptions, createClient } from './create-client.ts'
export type { Answer } from './exchange.ts'
export {
  type Problem,
  type ProblemCode,
  type Reason,
  type Refusal,
  type RefusalCode,
  reasons,
  refusalCodes,
  type Unreachable,
} from './problem.ts'
export {
  type AccountView,
  type Delivery,
  deliveries,
  type SessionView,
  type SignInView,
  type VerificationView,
} from './session-view.ts'
