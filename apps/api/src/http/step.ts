import type { z } from 'zod'
import type { Refusal } from '../sign-in/refusal.ts'
import type { HttpContext } from './http-context.ts'
import type { ProblemCode, ProblemDetails } from './problem.ts'
import { setRateLimits } from './rate-limit-headers.ts'
import { describeRefusal } from './refusal.ts'
import type { SessionView } from './session-view.ts'

/** What a step of a sign-in came to, whether JSON or a form asked for it. */
export type StepOutcome =
  | { ok: true; status: 200 | 202; view: SessionView }
  | { ok: true; status: 204 }
  | { ok: false; code: ProblemCode; details: ProblemDetails }

/** Takes a step with the fields that a request has brought, as it has brought them. */
export type TakeStep = (ctx: HttpContext, fields: object) => Promise<StepOutcome>

/** A step that is taken only with the fields that `schema` describes. */
export function step<Schema extends z.ZodType>(
  schema: Schema,
  take: (ctx: HttpContext, fields: z.infer<Schema>) => Promise<StepOutcome>,
): TakeStep {
  return async function takeStep(ctx, fields) {
    const checked = checkFields(schema, fields)
    return checked.ok ? take(ctx, checked.fields) : checked
  }
}

export function checkFields<Schema extends z.ZodType>(
  schema: Schema,
  fields: object,
): { ok: true; fields: z.infer<Schema> } | Extract<StepOutcome, { ok: false }> {
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

/** A refusal of a sign-in step as its outcome. */
export function refused(ctx: HttpContext, refusal: Refusal): StepOutcome {
  setRateLimits(ctx, refusal.rateLimits)
  return { ok: false, code: refusal.code, details: describeRefusal(refusal) }
}
