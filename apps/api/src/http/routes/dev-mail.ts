import { parseEmailAddress } from '@holdfast/core'
import escapeHtml from 'escape-html'
import type { DevMailbox, StoredMail } from '../../mail/dev-mailbox.ts'
import type { Outbox } from '../../mail/outbox.ts'
import type { HttpContext } from '../http-context.ts'
import { pageHeaders } from '../security-headers.ts'

/** A mail follows its 202 within milliseconds; whoever asks in between waits for it so long at most. */
const mostWaitMs = 2_000

/** `GET /dev/mail?to=`, in development only: the mails that were sent, newest first. */
export function devMail({ devMailbox, outbox }: { devMailbox: DevMailbox; outbox: Outbox }) {
  return async function handleDevMail(ctx: HttpContext): Promise<void> {
    const { to } = ctx.query
    const address = typeof to === 'string' ? parseEmailAddress(to) : undefined
    const recipient = address?.ok ? address.email : undefined
    if (recipient !== undefined) await waitForMail(devMailbox, outbox, recipient)
    const mails = to !== undefined && recipient === undefined ? [] : await devMailbox.list(recipient)
    ctx.set('Cache-Control', 'no-store')
    if (ctx.accepts('json', 'html') === 'html') {
      ctx.set(pageHeaders)
      ctx.type = 'html'
      ctx.body = mailPage(mails)
    } else {
      ctx.body = mails
    }
  }
}

async function waitForMail(devMailbox: DevMailbox, outbox: Outbox, recipient: string): Promise<void> {
  let signal: AbortSignal | undefined
  while (await devMailbox.isExpecting(recipient)) {
    signal ??= AbortSignal.timeout(mostWaitMs)
    try {
      await outbox.nextHandOver(recipient, signal)
    } catch {
      return
    }
  }
}

function mailPage(mails: readonly StoredMail[]): string {
  const items = mails.map(
    (mail) =>
      `<article><h2>${escapeHtml(mail.subject)}</h2><p>To ${escapeHtml(mail.to)}, ${escapeHtml(mail.at)}</p><pre>${escapeHtml(mail.text)}</pre></article>`,
  )
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Developer mailbox</title></head>
<body><main><h1>Developer mailbox</h1>
${items.length === 0 ? '<p>No mail yet. Ask for a code and reload.</p>' : items.join('\n')}
</main></body>
</html>
`
}
