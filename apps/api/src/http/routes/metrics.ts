import { hash, timingSafeEqual } from 'node:crypto'
import { isLoopback, isLoopbackAddress } from '@holdfast/settings'
import type { Measured } from '../../metrics/render-metrics.ts'
import type { HttpContext } from '../http-context.ts'
import { sendProblem } from '../problem.ts'

export interface MetricsOptions extends Measured {
  clock: () => number
  token: string | undefined
}

/**
 * `GET /metrics` for Prometheus: to programs on this machine that ask directly, and with `METRICS_TOKEN` to
 * others. What a proxy passes on comes from somewhere else, whatever address the proxy has.
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
  return !isPassedOn(ctx) && isLoopbackAddress(ctx.req.socket.remoteAddress)
}

/**
 * An HTTP proxy says so in one of these headers. One that passes bytes on adds none, but people outside ask it by
 * the name it has for them.
 */
function isPassedOn(ctx: HttpContext): boolean {
  const isOfProxy = (name: string) =>
    /^(forwarded|via|x-real-ip|x-client-ip|cf-connecting-ip|x-(forwarded|envoy)-.*)$/.test(name)
  return Object.keys(ctx.headers).some(isOfProxy) || !isLoopback(ctx.get('Host'))
}

function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
