import type { LiveKeyRing } from '../../keys/live-key-ring.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'

export interface RouteOptions {
  signIn: SignInContext
  keys: LiveKeyRing
  clientNetwork: (ctx: HttpContext) => string
}
