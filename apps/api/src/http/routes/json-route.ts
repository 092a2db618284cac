import type { Action } from '../action.ts'
import type { HttpContext } from '../http-context.ts'
import { noObject, parseJsonBody } from '../json-body.ts'
import { sendProblem } from '../problem.ts'
import { answerView } from './answer-view.ts'

/** An action that JSON asks for, and whose outcome is told in JSON. */
export function jsonRoute(act: Action) {
  return async function answerJson(ctx: HttpContext): Promise<void> {
    const fields = await parseJsonBody(ctx)
    const outcome = fields === undefined ? noObject : await act(ctx, fields)
    if (!outcome.ok) sendProblem(ctx, outcome.code, outcome.details)
    else if (outcome.status === 204) ctx.status = 204
    else answerView(ctx, outcome.status, outcome.view)
  }
}
