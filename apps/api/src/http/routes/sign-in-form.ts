import { type Action, invalid } from '../action.ts'
import type { HttpContext } from '../http-context.ts'
import { idempotencyField } from '../named-request.ts'
import { type Notice, type NoticeOfForm, sealNotice } from '../page-notice.ts'
import { noteProblem, type ProblemCode, type ProblemDetails, sendProblem } from '../problem.ts'
import { readForm } from '../read-form.ts'
import { returnToOf } from '../return-to.ts'
import type { RouteOptions } from './route-options.ts'

/** Where the forms of the page go. */
export const formPath = '/sign-in'

const formActions = ['send', 'resend', 'verify', 'cancel', 'logout', 'logout_everywhere'] as const
type FormAction = (typeof formActions)[number]

const mostOfAddress = 320
const noForm = invalid('The body is not one of the forms of the page.', [
  { path: 'step', message: `expected ${formActions.join(', ')}, with the fields of that form, each once` },
])

/**
 * `POST /sign-in`: a form of the page, for whoever has no JavaScript. It asks for the same actions as the API does, and
 * leads to the page, which says what became of it.
 */
export function signInForm(
  { signIn }: Pick<RouteOptions, 'signIn'>,
  actions: Record<Exclude<FormAction, 'logout_everywhere'>, Action>,
) {
  return async function handleForm(ctx: HttpContext): Promise<void> {
    const form = await readForm(ctx)
    const { step: action, return_to: asked, [idempotencyField]: _, ...fields } = form ?? {}
    // A form has the session of its cookie: nobody would take the token that a bearer is given.
    const isBearer = ctx.state.presented.transport === 'bearer' || 'transport' in fields
    if (!isFormAction(action) || isBearer) return sendProblem(ctx, noForm.code, noForm.details)
    const returnTo = returnToOf(asked)
    const outcome =
      action === 'logout_everywhere'
        ? await actions.logout(ctx, { everywhere: true })
        : await actions[action](ctx, fields)
    const nowMs = signIn.clock()
    const notice = outcome.ok
      ? newsOf(action, returnTo)
      : { problem: problemOf(ctx, outcome, nowMs), ...keptAddress(fields) }
    lead(ctx, returnTo, notice && sealNotice(ctx, signIn, { atMs: nowMs, ...notice }))
  }
}

function isFormAction(action: string | undefined): action is FormAction {
  return formActions.some((known) => known === action)
}

function newsOf(action: FormAction, returnTo: string): NoticeOfForm | undefined {
  switch (action) {
    case 'resend':
      return { news: 'news.resent' }
    case 'logout':
      return { news: 'news.youSignedOut' }
    case 'logout_everywhere':
      return { news: 'news.youSignedOutEverywhere' }
    case 'verify':
      return returnTo === '' ? undefined : { hasJustSignedIn: true }
    case 'send':
    case 'cancel':
      return undefined
  }
}

function problemOf(
  ctx: HttpContext,
  { code, details }: { code: ProblemCode; details: ProblemDetails },
  nowMs: number,
): Notice['problem'] {
  const { requestId } = noteProblem(ctx, code, details)
  // Of a redirect it would say when to follow it. (RFC 9110 section 10.2.3)
  ctx.remove('Retry-After')
  const { detail: _detail, signInId: _signInId, retryAfterInSeconds, errors, ...told } = details
  return {
    code,
    requestId,
    ...told,
    paths: errors?.map(({ path }) => path),
    endsAtMs: retryAfterInSeconds === undefined ? undefined : nowMs + retryAfterInSeconds * 1000,
  }
}

/** What was typed is there again; what is longer than any address is not worth it. */
function keptAddress({ email = '' }: Record<string, string>): NoticeOfForm {
  return email === '' || email.length > mostOfAddress ? {} : { email }
}

/** Back to where the form went: behind a proxy that may be the one path that is the page's. */
function lead(ctx: HttpContext, returnTo: string, notice: string | undefined): void {
  const query = new URLSearchParams()
  if (returnTo !== '') query.set('return_to', returnTo)
  if (notice !== undefined) query.set('notice', notice)
  ctx.status = 303
  ctx.set({ Location: query.size === 0 ? ctx.path : `${ctx.path}?${query}`, 'Cache-Control': 'no-store' })
  ctx.body = ''
}
