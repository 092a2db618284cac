import type { HttpMiddleware } from './http-context.ts'

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** A browser treats an answer that is no page as one only by mistake; then it may do nothing. */
const nothingPolicy = "default-src 'none'; frame-ancestors 'none'"

export const commonHeaders = {
  'Content-Security-Policy': nothingPolicy,
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
}

/** The headers that every answer carries, errors included. (ASVS 3.4.1 to 3.4.8) */
export function securityHeaders(options: { isHttps: boolean }): HttpMiddleware {
  const headers: Record<string, string> = { ...commonHeaders }
  if (options.isHttps) headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains'
  return function setSecurityHeaders(ctx, next) {
    ctx.set(headers)
    // The page itself may be found. With a query it is the page of somebody: a notice, and where the sign-in leads on to.
    if (ctx.url !== '/') ctx.set('X-Robots-Tag', 'noindex')
    return next()
  }
}

/** What a page carries on top: what it may load, and that nobody may frame it or reach into it. */
export const pageHeaders = {
  'Content-Security-Policy': pagePolicy,
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
  'X-Frame-Options': 'DENY',
}

/** The developer pages frame the HTML of a mail, which has a policy of its own. */
export const developerPageHeaders = {
  ...pageHeaders,
  'Content-Security-Policy': `${pagePolicy}; frame-src 'self'`,
}
