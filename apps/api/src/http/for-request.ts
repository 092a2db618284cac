import type { SignInContext } from '../sign-in/sign-in-context.ts'
import type { HttpContext } from './http-context.ts'
import type { RouteOptions } from './routes/route-options.ts'

/** What the actions of a sign-in work with, for one request: its events carry the request's id and client network. */
export function forRequest(ctx: HttpContext, { signIn, clientNetwork }: RouteOptions): SignInContext {
  return {
    ...signIn,
    tell(event, subject, more) {
      signIn.tell(event, subject, { ...more, requestId: ctx.state.requestId, network: clientNetwork(ctx) })
    },
  }
}
