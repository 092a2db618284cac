import type { z } from 'zod'
import type { Refusal } from '../sign-in/refusal.ts'
import type { HttpContext } from './http-context.ts'
import type { ProblemCode, ProblemDetails } from './problem.ts'
import { setRateLimits } from './rate-limit-headers.ts'
import { describeRefusal } from './refusal.ts'
import type { SessionView } from './session-view.ts'

/** What came of an action, whether JSON or a form asked for it. */
export type ActionOutcome =
  | { ok: true; status: 200 | 202; view: SessionView }
  | { ok: true; status: 204 }
  | { ok: false; code: ProblemCode; details: ProblemDetails }

/** Something that is asked for in a sign-in, with the fields that a request has brought, as it has brought them. */
export type Action = (ctx: HttpContext, fields: object) => Promise<ActionOutcome>

/** An action that takes only the fields that `schema` describes. */
export function action<Schema extends z.ZodType>(
  schema: Schema,
  act: (ctx: HttpContext, fields: z.infer<Schema>) => Promise<ActionOutcome>,
): Action {
  return async function takeFields(ctx, fields) {
    const checked = checkFields(schema, fields)
    return checked.ok ? act(ctx, checked.fields) : checked
  }
}

export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  fields: object,
): { ok: true; fields: z.infer<Schema> } | Extract<ActionOutcome, { ok: false }> {
  const checked = schema.safeParse(fields)
  if (checked.success) return { ok: true, fields: checked.data }
  const errors = checked.error.issues.map((issue) => ({
    path: issue.path.map(String).join('.'),
    message: issue.message,
  }))
  return invalid('The body does not have the expected fields.', errors)
}

export function invalid(detail: string, errors: { path: string; message: string }[]) {
  return { ok: false, code: 'invalid_request', details: { detail, errors } } as const
}

/** The refusal as the outcome of an action. */
export function refuse(ctx: HttpContext, refusal: Refusal): ActionOutcome {
  setRateLimits(ctx, refusal.rateLimits)
  return { ok: false, code: refusal.code, details: describeRefusal(refusal) }
}
