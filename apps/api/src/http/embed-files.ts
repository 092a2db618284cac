import { join } from 'node:path'
import type { EmbedSettings } from '@holdfast/page-data'
import { send } from '@koa/send'
import { sendHashedFile } from './hashed-file.ts'
import type { HttpMiddleware } from './http-context.ts'

const settingsPath = '/embed/settings.json'
const assets = '/embed/assets/'
const plainFile = /^\/embed\/\w[\w.-]*$/

interface EmbedOptions {
  webFolder: string
  settings: EmbedSettings
}

/**
 * `GET /embed/...`: the element that other pages embed. Pages name `holdfast-sign-in.js`; it and `settings.json` are
 * asked for again each time. The parts under `assets/` carry their hash in the name and are kept for good.
 */
export function embedFiles({ webFolder, settings }: EmbedOptions): HttpMiddleware {
  const root = join(webFolder, 'embed')
  return async function serveEmbedFiles(ctx, next) {
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next()
    ctx.vary('Accept-Encoding')
    if (ctx.path.startsWith(assets)) {
      await sendHashedFile(ctx, join(root, 'assets'), ctx.path.slice(assets.length))
    } else if (ctx.path === settingsPath) {
      ctx.set('Cache-Control', 'no-cache')
      ctx.body = settings
    } else if (plainFile.test(ctx.path)) {
      ctx.set('Cache-Control', 'no-cache')
      await send(ctx as never, ctx.path.slice('/embed'.length), { root })
    }
  }
}
