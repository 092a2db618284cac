import type { Reject } from '../../rejects.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import { answerPage, type PageOptions } from '../answer-page.ts'
import type { HttpContext } from '../http-context.ts'
import { lookAtSession } from '../look-at-session.ts'
import { openNotice } from '../page-notice.ts'
import { returnToOf } from '../return-to.ts'
import { viewState } from '../session-view.ts'

/** `GET` of the page: made from where the session stands, so that it never shows another step first. */
export function page(options: PageOptions & { signIn: SignInContext }) {
  return async function showPage(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
    const { renderPage, signIn } = options
    if (renderPage === undefined) return next()
    const { state, reject } = await lookAtSession(ctx, signIn)
    const view = viewState(state)
    await answerPage(ctx, renderPage, options, {
      ...(await openNotice(ctx, signIn, { view, nowMs: signIn.clock() })),
      view,
      rejected: reject === undefined ? null : withoutSignIn(reject),
      returnTo: returnToOf(ctx.query.return_to),
    })
  }
}

/** Which sign-in it was is for the ledger. */
function withoutSignIn(reject: Reject) {
  const { signInId: _, ...shown } = reject
  return shown
}
