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

/** `GET /dev/mail?to=`: the mails that were sent, newest first; for a browser, a page of them. */
export function devMail({ mailbox, outbox, page }: DevMailOptions) {
  return async function handleDevMail(ctx: HttpContext): Promise<void> {
    const { to } = ctx.query
    const address = typeof to === 'string' ? parseEmailAddress(to) : undefined
    const recipient = address?.ok ? address.email : undefined
    if (recipient !== undefined) await waitForMail(mailbox, outbox, recipient)
    const mails = to !== undefined && recipient === undefined ? [] : await mailbox.list(recipient)
    if (ctx.accepts('json', 'html') === 'html') return page(ctx, plainMails(mails))
    ctx.set({ 'Cache-Control': 'no-store', Vary: 'Accept' })
    ctx.body = mails
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
