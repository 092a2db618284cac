/* What stands under the options of each command's --help. */

export const sessions = `
Run these with the variables that the server has. They work under running servers: what is ended is refused
at the next request, with the reason ended_by_operator, and each end has its row in the ledger.

  a person asks     holdfast sessions list --email ada@example.com
  a lost laptop     holdfast sessions end --email ada@example.com
  a restored backup holdfast sessions end --before <when it was restored>
  all is lost       holdfast sessions end --all

Exit codes: 0 done, 1 refused, 75 the store did not answer, 78 something is wrong with the configuration.`

export const list = `
Addresses are masked. --json prints { ok, count, sessions }, each session with { id, email, accountId,
authTime, lastSeenAt, idleAt, expiresAt }.

Examples:
  holdfast sessions list
  holdfast sessions list --email ada@example.com --json | jq -r '.sessions[].id'`

export const end = `
--email, --account and --before can stand together: what is ended fits all of them. An id that begins with a
dash goes behind --. --json prints { ok, ended }.

Examples:
  holdfast sessions end NlVvXqyh0nSKyuzSiXr9vg
  holdfast sessions end --email ada@example.com --dry-run
  holdfast sessions end --before 2026-01-31T10:00:00Z    after a backup was restored at that time`
