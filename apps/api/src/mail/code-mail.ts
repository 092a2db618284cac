import escapeHtml from 'escape-html'

export interface Mail {
  to: string
  subject: string
  text: string
  html: string
  code: string
  /** The same for every attempt at the same code, so that a mail program shows a second copy once. */
  messageId: string
}

export interface CodeMailOptions {
  appName: string
  publicOrigin: URL
  to: string
  code: string
  /** 1 for the first code of a verification. */
  number: number
  verificationId: string
  expiresAt: Date
}

/**
 * The mail that carries a code. Nothing in it comes from whoever asked for it, the code is alone on its
 * line, and it stays out of the subject, which a locked screen shows.
 */
export function composeCodeMail(options: CodeMailOptions): Mail {
  const { appName, code, number, publicOrigin } = options
  const expires = `${options.expiresAt.toISOString().slice(11, 16)} UTC`
  const lead = `Your code to sign in to ${appName}:`
  const order =
    number > 1 ? `This is code number ${number} that was asked for; earlier ones work until they expire.` : ''
  const advice = [
    `It is good until ${expires}, once.`,
    order,
    `Enter it only at ${publicOrigin.origin}. Nobody from ${appName} will ever ask you for it.`,
    'If you did not ask for a code, you can ignore this mail.',
  ].filter((line) => line !== '')
  return {
    to: options.to,
    subject: `Your code for ${appName}`,
    text: `${lead}\n\n${code}\n\n${advice.join('\n')}\n`,
    html: htmlBody(lead, code, advice),
    code,
    messageId: `<${options.verificationId}.${number}@${publicOrigin.hostname}>`,
  }
}

function htmlBody(lead: string, code: string, advice: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>${escapeHtml(lead)}</title></head>
<body style="margin:0;padding:32px 16px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:28rem;margin:0 auto">
<p style="margin:0 0 16px">${escapeHtml(lead)}</p>
<p style="margin:0 0 16px;font:600 32px/1.2 ui-monospace,monospace;letter-spacing:4px">${escapeHtml(code)}</p>
${advice.map((line) => `<p style="margin:0 0 8px;opacity:.8">${escapeHtml(line)}</p>`).join('\n')}
</div>
</body>
</html>
`
}
