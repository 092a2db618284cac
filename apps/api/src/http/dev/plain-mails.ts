import escapeHtml from 'escape-html'
import type { StoredMail } from '../../mail/dev-mailbox.ts'

/** The mails as a browser shows them that runs no script. */
export function plainMails(mails: readonly StoredMail[]): string {
  const items = mails.map(
    ({ to, subject, at, text }) =>
      `<article><h2>${escapeHtml(subject)}</h2><p>To ${escapeHtml(to)}, ${escapeHtml(at)}</p><pre>${escapeHtml(text)}</pre></article>`,
  )
  const list = items.length === 0 ? '<p>No mail yet. Ask for a code and reload.</p>' : items.join('\n')
  return `<h1>Developer mailbox</h1>\n${list}`
}
