import { z } from 'zod'
import { cancelVerification } from '../../sign-in/cancel-verification.ts'
import { signOut } from '../../sign-in/sign-out.ts'
import type { HttpContext } from '../http-context.ts'
import { readJsonBody } from '../json-body.ts'
import { readOwnState } from '../own-state.ts'
import { removeSession } from '../session.ts'
import type { RouteOptions } from './route-options.ts'

const logoutBody = z.strictObject({ everywhere: z.literal(true, 'expected true, or nothing').optional() })

/** `POST /auth/logout`: ends this sign-in, or all of the account; then there is no session. */
export function logout({ signIn }: RouteOptions) {
  return async function handleLogout(ctx: HttpContext): Promise<void> {
    const body = await readJsonBody(ctx, logoutBody)
    if (body === undefined) return
    const { presented } = ctx.state
    const state = await readOwnState(ctx, signIn)
    const current = state.state === 'anonymous' ? undefined : state.signIn
    if (current !== undefined) await signOut(signIn, current, body.everywhere === true)
    if (presented.ok) await cancelVerification(signIn, presented.sessionKey)
    if (presented.ok || presented.reason !== 'cookie_missing') await removeSession(ctx)
    ctx.status = 204
  }
}
