/* What stands under the options of each command's --help. */

export const mail = `
Run it with the variables that the server has: SMTP_URL, MAIL_FROM, and DKIM_DOMAIN, DKIM_SELECTOR and
DKIM_KEY_FILE where mails are signed.

Exit codes: 0 accepted, 1 not accepted, 78 something is wrong with the configuration.

Example:
  holdfast mail test --to you@example.com`

export const test = `
Sends one message without a code, over a connection of its own, with the library, the settings and the
deadline (10 s for the whole) of the server. Each step is told with its time and the server's reply: DNS
lookup, connect, TLS, greeting, EHLO, AUTH, MAIL, RCPT, DATA, after the dot, QUIT; and where the message was
not taken, why, and what to do. The password is never shown. In development without SMTP_URL there is nothing
to test: mails go to the log and the developer mailbox.

--json prints { ok, accepted, host, port, user, from, to, dkim, messageId, steps, fault? }: each step is
{ step, ms, replyCode, says }, replyCode null where there was no reply; fault is { code, says, remedy }.

Exit codes: 0 accepted, 1 not accepted, 78 something is wrong with the configuration.

Examples:
  holdfast mail test --to you@example.com
  holdfast mail test --to you@example.com --json | jq -r '.fault.remedy // "accepted"'`
