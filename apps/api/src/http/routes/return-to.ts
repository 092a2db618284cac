import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'
import { readPresentedSignIn } from '../own-state.ts'
import { parseReturnTo, type ReturnToOptions } from '../return-to.ts'

export interface ReturnRouteOptions extends ReturnToOptions {
  signIn: SignInContext
  allowLoopback: boolean
}

/**
 * `GET /auth/return?return_to=`: leads whoever is signed in on to the target, and whoever is not to the page,
 * which comes back here after the sign-in. A target that is not allowed is as good as none.
 */
export function returnTo({ signIn, origins, ...options }: ReturnRouteOptions) {
  return async function handleReturnTo(ctx: HttpContext): Promise<void> {
    const { return_to: asked } = ctx.query
    const publicOrigin = ownOrigin(ctx, options)
    const target = typeof asked === 'string' ? parseReturnTo(asked, { publicOrigin, origins }) : undefined
    const own = target === undefined ? undefined : await readPresentedSignIn(ctx, signIn)
    ctx.status = 303
    ctx.set('Location', locationOf(target, own?.ok === true))
    ctx.body = ''
  }
}

function locationOf(target: string | undefined, isSignedIn: boolean): string {
  if (target === undefined) return '/'
  return isSignedIn ? target : `/?return_to=${encodeURIComponent(target)}`
}

/** In development a page has the loopback name and port that it was opened with; its cookie is good there. */
function ownOrigin(
  ctx: HttpContext,
  { allowLoopback, publicOrigin }: Omit<ReturnRouteOptions, 'signIn' | 'origins'>,
): URL {
  if (!allowLoopback || ctx.host === publicOrigin.host) return publicOrigin
  return URL.parse(`http://${ctx.host}`) ?? publicOrigin
}
