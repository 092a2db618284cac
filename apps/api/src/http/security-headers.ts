import type { HttpMiddleware } from './http-context.ts'

const contentSecurityPolicy = [
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

/** The headers that every answer carries, errors included. (ASVS 3.4.1 to 3.4.8) */
export function securityHeaders(options: { isHttps: boolean }): HttpMiddleware {
  const headers: Record<string, string> = {
    'Content-Security-Policy': contentSecurityPolicy,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  }
  if (options.isHttps) headers['Strict-Transport-Security'] = 'max-age=31536000; includeSubDomains'
  return async function setSecurityHeaders(ctx, next) {
    ctx.set(headers)
    await next()
  }
}
