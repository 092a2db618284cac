import { parseEmailAddress } from '@holdfast/core'
import type { DevMailbox } from '../../mail/dev-mailbox.ts'
import type { Outbox } from '../../mail/outbox.ts'
import type { HttpContext } from '../http-context.ts'
import type { DevPage } from './dev-page.ts'
import { plainMails } from './plain-mails.ts'

export interface DevMailOptions {
  mailbox: DevMailbox
  outbox: Outbox
  page: DevPage
}

/** A mail follows its 202 within milliseconds; whoever asks in between waits for it so long at most. */
const mostWaitMs = 2_000

/**
 * `GET /dev/mail?to=`: the mails that were sent, newest first. For a browser it is a page of them, which like the mailbox
 * drawn with a script shows those to addresses that hold `about`, or `to` where a link names only that.
 */
export function devMail({ mailbox, outbox, page }: DevMailOptions) {
  return async function handleDevMail(ctx: HttpContext): Promise<void> {
    const { to, about = to } = ctx.query
    const address = typeof to === 'string' ? parseEmailAddress(to) : undefined
    const recipient = address?.ok ? address.email : undefined
    if (recipient !== undefined) await waitForMail(mailbox, outbox, recipient)
    if (ctx.accepts('json', 'html') === 'html') {
      const shown = await mailbox.find(typeof about === 'string' ? about.trim() : '')
      return page(ctx, plainMails(shown))
    }
    ctx.set({ 'Cache-Control': 'no-store', Vary: 'Accept' })
    ctx.body = to !== undefined && recipient === undefined ? [] : await mailbox.list(recipient)
  }
}

async function waitForMail(mailbox: DevMailbox, outbox: Outbox, recipient: string): Promise<void> {
  let signal: AbortSignal | undefined
  while (await mailbox.isExpecting(recipient)) {
    signal ??= AbortSignal.timeout(mostWaitMs)
    try {
      await outbox.nextHandOver(recipient, signal)
    } catch {
      return
    }
  }
}
