import { open, reasons, seal } from '@holdfast/core'
import type { PageData } from '@holdfast/page-data'
import { z } from 'zod'
import type { KeyRingAccess } from '../keys/key-ring-access.ts'
import { openSealed } from '../keys/open-sealed.ts'
import type { HttpContext } from './http-context.ts'
import { type ProblemCode, problemBody, problemCodes } from './problem.ts'
import type { SessionView } from './session-view.ts'

/*
 * What became of a form travels to the page in its address, sealed: nobody can make the page say something, it reads
 * like nothing in a history or a log, it survives a restart, and no session is made for who only mistyped.
 */

const noticeSchema = z.object({
  atMs: z.number(),
  problem: z
    .object({
      code: z.enum(problemCodes),
      requestId: z.string(),
      reason: z.enum(reasons).exactOptional(),
      reference: z.string().exactOptional(),
      attemptsLeft: z.number().exactOptional(),
      paths: z.array(z.string()).optional(),
      endsAtMs: z.number().optional(),
    })
    .optional(),
  news: z.enum(['news.resent', 'news.youSignedOut', 'news.youSignedOutEverywhere']).optional(),
  email: z.string().optional(),
  hasJustSignedIn: z.boolean().optional(),
})

export type Notice = z.infer<typeof noticeSchema>

/** What a form has to say, without when. */
export type NoticeOfForm = Omit<Notice, 'atMs'>

type ShownNotice = Pick<PageData, 'problem' | 'news' | 'email' | 'hasJustSignedIn'>

/** Longer than anybody looks at a page that says what became of a form. */
const shownMs = 600_000
const purpose = 'page-notice'

export function sealNotice(ctx: HttpContext, { keyRing }: KeyRingAccess, notice: Notice): string {
  return seal(keyRing(), purpose, holderOf(ctx), JSON.stringify(notice))
}

/**
 * What a notice has to say to who holds the session of this request. Nothing to anybody else, or when it is old, or
 * when the session has gone on since: the page may be an old one that was reloaded. Whoever has no session could be
 * sent the link by somebody else who has none.
 */
export async function openNotice(
  ctx: HttpContext,
  access: KeyRingAccess,
  { view, nowMs }: { view: SessionView; nowMs: number },
): Promise<ShownNotice | undefined> {
  const sealed = ctx.query.notice
  if (typeof sealed !== 'string' || isLedFromElsewhere(ctx)) return undefined
  const opened = await openSealed(access, (ring) => open(ring, purpose, holderOf(ctx), sealed))
  // Of another version of this server it may say something else.
  const notice = opened.ok ? noticeSchema.safeParse(JSON.parse(opened.text)) : undefined
  if (!notice?.success || Math.abs(nowMs - notice.data.atMs) > shownMs) return undefined
  const { problem, hasJustSignedIn = false } = notice.data
  const { news = null, email = '' } = isAnybodys(ctx) ? {} : notice.data
  const shown = problem !== undefined && isOf(view, problem.code) ? showProblem(problem, nowMs) : null
  return { problem: shown, news, email, hasJustSignedIn: hasJustSignedIn && view.state === 'signed_in' }
}

/** Whether a problem can be one of the step that is shown. */
function isOf({ state }: SessionView, code: ProblemCode): boolean {
  switch (code) {
    case 'code_malformed':
    case 'code_incorrect':
    case 'code_expired':
    case 'too_many_attempts':
      return state === 'code_sent'
    case 'verification_session_not_found':
    case 'not_signed_in':
      return state === 'anonymous'
    default:
      return true
  }
}

function showProblem(
  { code, requestId, paths, endsAtMs, ...rest }: NonNullable<Notice['problem']>,
  nowMs: number,
): PageData['problem'] {
  const leftInSeconds = endsAtMs === undefined ? undefined : Math.ceil((endsAtMs - nowMs) / 1000)
  if (leftInSeconds !== undefined && leftInSeconds <= 0) return null
  const errors = paths === undefined ? {} : { errors: paths.map((path) => ({ path, message: '' })) }
  return {
    ...problemBody(code, '', requestId, { ...rest, ...errors }),
    ...(leftInSeconds === undefined ? {} : { retryAfterInSeconds: leftInSeconds }),
  }
}

/** Whose notice it is: that of a session, or of somebody who has none. */
function holderOf(ctx: HttpContext): string {
  const { presented } = ctx.state
  return ctx.session !== null && presented.ok ? presented.sessionKey : ''
}

/** Whether a browser says that no page of ours led here, as a form of ours does. */
function isLedFromElsewhere(ctx: HttpContext): boolean {
  return !['', 'same-origin'].includes(ctx.get('Sec-Fetch-Site'))
}

/** Whether somebody else may have made the notice: it is no session's, and the browser does not say what led here. */
function isAnybodys(ctx: HttpContext): boolean {
  return holderOf(ctx) === '' && ctx.get('Sec-Fetch-Site') === ''
}
