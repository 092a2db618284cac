import { answerPage, type PageOptions, returnToOf } from './answer-page.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
import type { ProblemCode } from './problem.ts'

/** What is nobody's fault who opens the page, or only that of what they typed. */
const shown: readonly ProblemCode[] = ['store_unavailable', 'overloaded', 'internal', 'payload_too_large']

/**
 * Tells a person in a page what a program is told in JSON. In an outage nothing is known of the session: the page
 * says that it waits, and asks again by itself.
 */
export function problemPages(isOfPage: (ctx: HttpContext) => boolean, options: PageOptions): HttpMiddleware {
  return async function showProblem(ctx, next) {
    await next()
    const { problem, told } = ctx.state
    const { renderPage } = options
    if (problem === undefined || told === undefined || renderPage === undefined) return
    if (!shown.includes(problem) || !isOfPage(ctx)) return
    const { status } = ctx
    const state = { problem: told, returnTo: returnToOf(ctx.query.return_to) }
    await answerPage(ctx, renderPage, options, state).catch(() => {
      // That the page cannot be made may be the very problem, which is logged: its JSON goes out.
    })
    ctx.status = status
  }
}
