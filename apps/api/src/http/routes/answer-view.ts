import type { HttpContext } from '../http-context.ts'

/** Answers with a view and, to a bearer whose session was saved or made anew, with its token. */
export function answerView(ctx: HttpContext, status: number, view: object): void {
  const { token, presented } = ctx.state
  ctx.status = status
  ctx.body = token !== undefined && presented.transport === 'bearer' ? { ...view, token } : view
}
