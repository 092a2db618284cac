import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { send } from '@koa/send'
import escapeHtml from 'escape-html'
import type { HttpMiddleware } from './http-context.ts'
import { pageHeaders } from './security-headers.ts'

const yearMs = 31_536_000_000

export interface WebAppOptions {
  folder: string
  /** What the page reads from its meta elements, by name. */
  settings: Record<string, string>
}

/**
 * Serves the built sign-in page. Files under `assets/` carry their hash in the name and are kept for good;
 * the page itself is asked for again each time, so that a new version never meets an old page's files.
 */
export function webApp({ folder, settings }: WebAppOptions): HttpMiddleware {
  const servePage: HttpMiddleware = async (ctx, next) => {
    const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => undefined)
    if (page === undefined) return next()
    ctx.type = 'html'
    ctx.body = fillSettings(page, settings)
  }

  return async function serveWebApp(ctx, next) {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    if (ctx.path.startsWith('/assets/')) {
      await send(ctx as never, ctx.path, { root: folder, maxage: yearMs, immutable: true })
      return
    }
    ctx.set({ ...pageHeaders, 'Cache-Control': 'no-cache' })
    // A path with a dot in its last part asks for a file; every other one is the page's.
    if (/\.[^/]*$/.test(ctx.path)) await send(ctx as never, ctx.path, { root: folder })
    else await servePage(ctx, next)
  }
}

function fillSettings(page: string, settings: Record<string, string>): string {
  return page.replace(/<meta name="([\w-]+)" content="[^"]*"/g, (element, name: string) => {
    const value = settings[name]
    return value === undefined ? element : `<meta name="${name}" content="${escapeHtml(value)}"`
  })
}
