import { answerPage, type PageOptions } from './answer-page.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
import type { ProblemCode } from './problem.ts'
import { readForm } from './read-form.ts'
import { returnToOf } from './return-to.ts'
import { isPagePath } from './web-app.ts'

/** What is nobody's fault who opens the page or sends one of its forms. */
const shown: readonly ProblemCode[] = ['store_unavailable', 'overloaded', 'internal']

/**
 * Tells a person in a page what a program is told in JSON. In an outage nothing is known of the session: the page
 * says that it waits, asks again by itself where code runs in it, and has the form ready that could not be looked at.
 */
export function problemPages(options: PageOptions & { formPath: string }): HttpMiddleware {
  return async function showProblem(ctx, next) {
    await next()
    const { problem, told } = ctx.state
    const { renderPage, formPath } = options
    if (problem === undefined || told === undefined || renderPage === undefined) return
    if (!shown.includes(problem) || !(ctx.path === formPath || isPageCall(ctx))) return
    const { status } = ctx
    const form = ctx.method === 'POST' ? await readForm(ctx) : undefined
    const state = {
      problem: told,
      returnTo: returnToOf(form?.return_to ?? ctx.query.return_to),
      email: form?.email ?? '',
      unsent: form ?? null,
    }
    await answerPage(ctx, renderPage, options, state).catch(() => {
      // That the page cannot be made may be the very problem, which is logged: its JSON goes out.
    })
    ctx.status = status
  }
}

function isPageCall(ctx: HttpContext): boolean {
  return (ctx.method === 'GET' || ctx.method === 'HEAD') && isPagePath(ctx)
}
