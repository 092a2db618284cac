import { hash, timingSafeEqual } from 'node:crypto'
import { isLoopback } from '../../loopback.ts'
import type { Measured } from '../../metrics.ts'
import type { HttpContext } from '../http-context.ts'
import { sendProblem } from '../problem.ts'

export interface MetricsOptions extends Measured {
  clock: () => number
  token: string | undefined
  publicOrigin: URL
}

/**
 * `GET /metrics` for Prometheus: to programs on this machine that ask directly, and with `METRICS_TOKEN` to
 * others. What a proxy passes on comes from somewhere else, whatever address the proxy has.
 */
export function metrics({ keys, watch, rejects, purged, clock, token, publicOrigin }: MetricsOptions) {
  return async function handleMetrics(ctx: HttpContext): Promise<void> {
    if (!isAllowed(ctx, token, publicOrigin.host)) {
      sendProblem(ctx, 'not_found', { detail: 'There is nothing here.' })
      return
    }
    // Loaded at the first scrape: a start is faster without it, and most development servers never need it.
    const { renderMetrics } = await import('../../metrics.ts')
    const { text, contentType } = await renderMetrics({ keys, watch, rejects, purged }, clock())
    ctx.body = text
    ctx.type = contentType
  }
}

function isAllowed(ctx: HttpContext, token: string | undefined, publicHost: string): boolean {
  const [, sent] = /^Bearer +(\S+)$/i.exec(ctx.get('Authorization')) ?? []
  if (sent !== undefined) return token !== undefined && isSameText(sent, token)
  return !isPassedOn(ctx, publicHost) && isOwnMachine(ctx.req.socket.remoteAddress)
}

/** A proxy says so in one of these headers, or by the host that people asked it for. */
function isPassedOn(ctx: HttpContext, publicHost: string): boolean {
  const isOfProxy = (name: string) =>
    /^(forwarded|via|x-real-ip|x-client-ip|cf-connecting-ip|x-(forwarded|envoy)-.*)$/.test(name)
  const host = ctx.get('Host').toLowerCase()
  return Object.keys(ctx.headers).some(isOfProxy) || (host === publicHost && !isLoopback(host))
}

function isOwnMachine(address = ''): boolean {
  return address === '::1' || isLoopback(address.replace(/^::ffff:/, ''))
}

function isSameText(one: string, other: string): boolean {
  return timingSafeEqual(hash('sha256', one, 'buffer'), hash('sha256', other, 'buffer'))
}
