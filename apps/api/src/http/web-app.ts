import { join } from 'node:path'
import { send } from '@koa/send'
import { sendHashedFile } from './hashed-file.ts'
import type { HttpContext, HttpMiddleware } from './http-context.ts'
import { pageHeaders } from './security-headers.ts'

const assets = '/assets/'
// The page is no file: what it is made in lies beside the files, in one that a path must not lead to in any spelling.
const plainFile = /^\/\w[\w.-]*(?<!\.html)$/i

export interface WebAppOptions {
  /** The files that the browser may have. */
  folder: string
  showPage: HttpMiddleware
}

/**
 * Serves the built sign-in page. Files under `assets/` carry their hash in the name and are kept for good; the
 * page itself is asked for again each time, so that a new version never meets an old page's files.
 */
export function webApp({ folder, showPage }: WebAppOptions): HttpMiddleware {
  return async function serveWebApp(ctx, next) {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    if (ctx.path.startsWith(assets)) {
      ctx.vary('Accept-Encoding')
      await sendHashedFile(ctx, join(folder, assets), ctx.path.slice(assets.length))
    } else if (isPagePath(ctx)) {
      await showPage(ctx, next)
    } else if (plainFile.test(ctx.path)) {
      ctx.set({ ...pageHeaders, 'Cache-Control': 'no-cache' })
      await send(ctx as never, ctx.path, { root: folder })
    }
  }
}

/** A path with a dot in its last part asks for a file; every other one is the page's. */
export function isPagePath({ path }: HttpContext): boolean {
  return path === '/index.html' || (!path.startsWith(assets) && !/\.[^/]*$/.test(path))
}
