import type { HttpContext } from '../http-context.ts'
import { noObject, parseJsonBody } from '../json-body.ts'
import { sendProblem } from '../problem.ts'
import type { TakeStep } from '../step.ts'
import { answerView } from './answer-view.ts'

/** A step that JSON asks for, and that is told in JSON. */
export function jsonRoute(take: TakeStep) {
  return async function answerJson(ctx: HttpContext): Promise<void> {
    const fields = await parseJsonBody(ctx)
    const outcome = fields === undefined ? noObject : await take(ctx, fields)
    if (!outcome.ok) sendProblem(ctx, outcome.code, outcome.details)
    else if (outcome.status === 204) ctx.status = 204
    else answerView(ctx, outcome.status, outcome.view)
  }
}
