import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'

export interface RouteOptions {
  signIn: SignInContext
  clientNetwork: (ctx: HttpContext) => string
}
