import type { RateLimit } from '../sign-in/rate-limit.ts'
import type { HttpContext } from './http-context.ts'

/** Tells the caller's own budgets. (draft-ietf-httpapi-ratelimit-headers-11) */
export function setRateLimits(ctx: HttpContext, limits: readonly RateLimit[] = []): void {
  if (limits.length === 0) return
  ctx.set('RateLimit-Policy', limits.map(policyOf).join(', '))
  ctx.set('RateLimit', limits.map(stateOf).join(', '))
}

function policyOf({ name, most, windowInSeconds }: RateLimit): string {
  return `"${name}";q=${most}${parameter('w', windowInSeconds)}`
}

function stateOf({ name, left, resetsInSeconds }: RateLimit): string {
  return `"${name}";r=${left}${parameter('t', resetsInSeconds)}`
}

function parameter(name: string, value: number | undefined): string {
  return value === undefined ? '' : `;${name}=${value}`
}
