import type { HttpMiddleware } from './http-context.ts'

/** The middleware for that path and those below it alone. */
export function under(prefix: string, middleware: HttpMiddleware): HttpMiddleware {
  return function onlyUnder(ctx, next) {
    return isUnder(prefix, ctx.path) ? middleware(ctx, next) : next()
  }
}

/** The middleware for all other paths. */
export function notUnder(prefixes: readonly string[], middleware: HttpMiddleware): HttpMiddleware {
  return function onlyElsewhere(ctx, next) {
    // In whatever spelling: what stands in front may take it for the same, and keep it as it keeps that.
    const path = ctx.path.toLowerCase()
    return prefixes.some((prefix) => isUnder(prefix, path)) ? next() : middleware(ctx, next)
  }
}

function isUnder(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
