import type { SignInWithAccount } from '../sign-in/read-sign-in.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import { touchSignIn } from '../sign-in/touch-sign-in.ts'
import type { HttpContext } from './http-context.ts'
import { readPresentedSignIn } from './own-state.ts'
import { readReject } from './read-reject.ts'
import { sendRefusal } from './refusal.ts'

/**
 * Who is signed in with the session that this request presents, noted as in use. Where nobody is, the refusal is
 * answered and `undefined` comes back.
 */
export async function requireSignIn(
  ctx: HttpContext,
  context: SignInContext,
): Promise<SignInWithAccount | undefined> {
  const own = await readPresentedSignIn(ctx, context)
  if (!own.ok) {
    sendRefusal(ctx, { code: 'not_signed_in', ...(await readReject(context.store, own)) })
    return undefined
  }
  const { presentedKid } = ctx.state
  if (presentedKid !== undefined) await touchSignIn(context, own.signIn, presentedKid)
  return own
}
