import { send } from '@koa/send'
import type { HttpMiddleware } from './http-context.ts'

const yearMs = 31_536_000_000

/**
 * Serves the built sign-in page. Files under `assets/` carry their hash in the name and are kept for good;
 * the page itself is asked for again each time, so that a new version never meets an old page's files.
 */
export function webApp(options: { folder: string }): HttpMiddleware {
  return async function serveWebApp(ctx, next) {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    const isAsset = ctx.path.startsWith('/assets/')
    const asksForFile = isAsset || /\.[^/]*$/.test(ctx.path)
    if (!isAsset) ctx.set('Cache-Control', 'no-cache')
    await send(ctx as never, asksForFile ? ctx.path : '/index.html', {
      root: options.folder,
      ...(isAsset ? { maxage: yearMs, immutable: true } : {}),
    })
  }
}
