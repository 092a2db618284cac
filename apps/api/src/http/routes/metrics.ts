import { hash, timingSafeEqual } from 'node:crypto'
import type { LiveKeyRing } from '../../keys/live-key-ring.ts'
import { isLoopback } from '../../loopback.ts'
import type { HttpContext } from '../http-context.ts'
import { sendProblem } from '../problem.ts'

export interface MetricsOptions {
  keys: LiveKeyRing
  clock: () => number
  token: string | undefined
}

/**
 * `GET /metrics` for Prometheus: to programs on this machine that ask directly, and with `METRICS_TOKEN` to
 * others. What a proxy passes on comes from somewhere else, whatever address the proxy has.
 */
export function metrics({ keys, clock, token }: MetricsOptions) {
  return async function handleMetrics(ctx: HttpContext): Promise<void> {
    if (!isAllowed(ctx, token)) {
      sendProblem(ctx, 'not_found', { detail: 'There is nothing here.' })
      return
    }
    // Loaded at the first scrape: a start is faster without it, and most development servers never need it.
    const { renderMetrics } = await import('../../metrics.ts')
    const { text, contentType } = await renderMetrics(keys, clock())
    ctx.body = text
    ctx.type = contentType
  }
}

function isAllowed(ctx: HttpContext, token: string | undefined): boolean {
  const [, sent] = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization')) ?? []
  if (sent !== undefined) return token !== undefined && isSameText(sent, token)
  const isPassedOn = ['Forwarded', 'X-Forwarded-For', 'X-Real-IP', 'Via'].some((name) => ctx.get(name) !== '')
  return !isPassedOn && isOwnMachine(ctx.req.socket.remoteAddress)
}

function isOwnMachine(address = ''): boolean {
  return address === '::1' || isLoopback(address.replace(/^::ffff:/, ''))
}

function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
