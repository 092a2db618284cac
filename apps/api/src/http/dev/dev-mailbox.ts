import type { DevMail } from '@holdfast/page-data/dev'
import type { DevMailbox } from '../../mail/dev-mailbox.ts'
import type { HttpContext } from '../http-context.ts'

/** `GET /dev/mailbox?about=`: what the developer mailbox shows, newest first; only of addresses that hold `about`. */
export function devMailbox(mailbox: DevMailbox) {
  return async function handleDevMailbox(ctx: HttpContext): Promise<void> {
    const { about } = ctx.query
    const mails = await mailbox.find(typeof about === 'string' ? about.trim() : '')
    ctx.set('Cache-Control', 'no-store')
    // The page has each HTML part drawn by itself, walled off.
    ctx.body = { mails: mails.map(({ html: _html, ...mail }) => mail) } satisfies { mails: DevMail[] }
  }
}
