import { isLoopback } from './loopback.ts'

/** One deadline for a whole message: a server that drips a byte now and then defeats every idle timeout. */
export const mailDeadlineMs = 10_000

/** How many the server keeps open to the mail server. */
export const mailConnections = 5

/**
 * How nodemailer is to speak to the mail server of `SMTP_URL`. TLS is required, except to this very machine or where
 * the URL says `?requireTLS=false`.
 */
export function smtpOptionsFor(url: string) {
  return {
    url,
    connectionTimeout: mailDeadlineMs,
    greetingTimeout: mailDeadlineMs,
    socketTimeout: mailDeadlineMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(isLoopback(new URL(url).hostname) ? { ignoreTLS: true } : { requireTLS: true }),
  }
}
