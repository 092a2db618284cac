import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import { answerPage, type PageOptions, returnToOf } from '../answer-page.ts'
import type { HttpContext } from '../http-context.ts'
import { lookAtSession } from '../look-at-session.ts'
import { openNotice } from '../page-notice.ts'
import { viewState } from '../session-view.ts'

/** `GET` of the page: made from where the session stands, so that it never shows another step first. */
export function page(options: PageOptions & { signIn: SignInContext }) {
  return async function showPage(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
    const { renderPage, signIn } = options
    if (renderPage === undefined) return next()
    const { state, lack } = await lookAtSession(ctx, signIn)
    const view = viewState(state)
    await answerPage(ctx, renderPage, options, {
      ...(await openNotice(ctx, signIn, { view, nowMs: signIn.clock() })),
      view,
      lack: lack === undefined ? null : { reason: lack.reason, ...reference(lack) },
      returnTo: returnToOf(ctx.query.return_to),
    })
  }
}

function reference({ reference }: { reference?: string }) {
  return reference === undefined ? {} : { reference }
}
