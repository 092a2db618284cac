import { hash, timingSafeEqual } from 'node:crypto'
import type { Measured } from '../../metrics/render-metrics.ts'
import type { HttpContext } from '../http-context.ts'
import { isAskedHere } from '../loopback-only.ts'
import { sendProblem } from '../problem.ts'

export interface MetricsOptions extends Measured {
  clock: () => number
  token: string | undefined
}

/**
 * `GET /metrics` for Prometheus: to programs on this machine that ask directly, and with `METRICS_TOKEN` to
 * others.
 */
export function metrics({ clock, token, ...measured }: MetricsOptions) {
  return async function handleMetrics(ctx: HttpContext): Promise<void> {
    if (!isAllowed(ctx, token)) {
      sendProblem(ctx, 'not_found', { detail: 'There is nothing here.' })
      return
    }
    // Loaded at the first scrape: a start is faster without it, and most development servers never need it.
    const { renderMetrics } = await import('../../metrics/render-metrics.ts')
    const { text, contentType } = await renderMetrics(measured, clock())
    ctx.body = text
    ctx.type = contentType
  }
}

function isAllowed(ctx: HttpContext, token: string | undefined): boolean {
  const [, sent] = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization')) ?? []
  if (sent !== undefined) return token !== undefined && isSameText(sent, token)
  return isAskedHere(ctx)
}

function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
