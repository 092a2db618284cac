import { z } from 'zod'
import { signOut } from '../../sign-in/sign-out.ts'
import { type Action, action } from '../action.ts'
import { forRequest } from '../for-request.ts'
import { readPresentedSignIn } from '../own-state.ts'
import { removeSession } from '../session.ts'
import type { RouteOptions } from './route-options.ts'

export const logoutBody = z.strictObject({
  everywhere: z.literal(true, 'expected true, or nothing').optional(),
})

/** `POST /auth/logout`: ends this sign-in, or all of the account; then there is no session. */
export function logout(options: RouteOptions): Action {
  return action(logoutBody, async (ctx, { everywhere }) => {
    const { presented } = ctx.state
    if (presented.ok) {
      const context = forRequest(ctx, options)
      const own = await readPresentedSignIn(ctx, context)
      await signOut(context, presented.sessionKey, everywhere && own.ok ? own.signIn : undefined)
    }
    if (presented.ok || presented.reason !== 'cookie_missing') await removeSession(ctx)
    return { ok: true, status: 204 }
  })
}
