import { join } from 'node:path'
import { send } from '@koa/send'
import type { HttpMiddleware } from './http-context.ts'

const yearMs = 31_536_000_000

/**
 * `GET /embed/...`: the element that other pages embed. Pages name `holdfast-sign-in.js`, which is asked for again each
 * time; its parts under `assets/` carry their hash in the name and are kept for good.
 */
export function embedFiles(webFolder: string): HttpMiddleware {
  const root = join(webFolder, 'embed')
  return async function serveEmbedFiles(ctx, next) {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    ctx.vary('Accept-Encoding')
    const file = ctx.path.slice('/embed'.length)
    if (file.startsWith('/assets/')) await send(ctx as never, file, { root, maxage: yearMs, immutable: true })
    else {
      ctx.set('Cache-Control', 'no-cache')
      await send(ctx as never, file || '/', { root })
    }
  }
}
