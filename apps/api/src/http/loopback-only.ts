import { isLoopback, isLoopbackAddress } from '@holdfast/settings'
import type { HttpContext, HttpMiddleware } from './http-context.ts'

/** Lets only requests through that are asked on this machine: what developers see, nobody else does. */
export const loopbackOnly: HttpMiddleware = (ctx, next) => {
  if (isAskedHere(ctx)) return next()
}

/**
 * Whether a program on this machine asks directly. What a proxy passes on comes from somewhere else, whatever address
 * the proxy has; and the name alone says nothing, since anybody can send it.
 */
export function isAskedHere(ctx: HttpContext): boolean {
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
