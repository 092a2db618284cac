import type { HttpContext } from '../http-context.ts'
import { requireSignIn } from '../require-sign-in.ts'
import type { RouteOptions } from './route-options.ts'

/**
 * `GET /auth/check` for a proxy that asks before it lets a request through: 204 and who is signed in, or 401. Both
 * headers are ASCII: an account's id and a canonical address hold nothing else.
 */
export function check({ signIn }: RouteOptions) {
  return async function handleCheck(ctx: HttpContext): Promise<void> {
    const own = await requireSignIn(ctx, signIn)
    if (own === undefined) return
    ctx.set({ 'X-Holdfast-Account': own.account.id, 'X-Holdfast-Email': own.account.email })
    ctx.status = 204
  }
}
