import type { DevMailbox } from '../../mail/dev-mailbox.ts'
import type { HttpContext } from '../http-context.ts'

/**
 * Nobody vouches for what is in a mail. It is drawn in an origin of its own, runs no script, loads nothing from
 * anywhere, sends no form, and only the page of the mailbox may frame it.
 */
const walledOff = [
  'sandbox',
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ')

/** `GET /dev/mail/:id/html`: the HTML part of one mail. */
export function mailHtml(mailbox: DevMailbox) {
  return async function handleMailHtml(ctx: HttpContext): Promise<void> {
    const mail = await mailbox.read(ctx.params?.id ?? '')
    if (mail === undefined) return
    ctx.set({ 'Content-Security-Policy': walledOff, 'Cache-Control': 'no-store' })
    ctx.type = 'html'
    ctx.body = mail.html
  }
}
