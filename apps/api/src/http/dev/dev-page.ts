import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sendHashedFile } from '../hashed-file.ts'
import type { HttpContext } from '../http-context.ts'
import { developerPageHeaders } from '../security-headers.ts'

/** Answers with the developer pages, and `plain` in them for a browser that runs no script. */
export type DevPage = (ctx: HttpContext, plain: string) => Promise<void>

const assets = '/dev/assets/'
const plainPlace = '<!--plain-->'
const unbuilt = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Developer pages</title></head>
<body><main>${plainPlace}</main></body>
</html>
`

/** The developer pages are built apart from the sign-in page, into a folder of their own that only they are served from. */
export function createDevPage(webFolder: string): DevPage {
  const file = join(webFolder, 'dev', 'dev.html')
  return async function serveDevPage(ctx, plain) {
    const page = await readFile(file, 'utf8').catch(() => unbuilt)
    ctx.set({ ...developerPageHeaders, 'Cache-Control': 'no-store', Vary: 'Accept' })
    ctx.type = 'html'
    ctx.body = page.replace(plainPlace, () => plain)
  }
}

/** `GET /dev`: the server, the session of this browser, the mailbox and the key ring. */
export function devOverview(page: DevPage) {
  return function handleDevOverview(ctx: HttpContext): Promise<void> {
    return page(
      ctx,
      '<h1>Developer pages</h1><p>They are drawn with JavaScript. Without it there are <a href="/dev/mail">the mails</a> and, as JSON, <a href="/dev/state">all that is shown here</a>.</p>',
    )
  }
}

/** `GET /dev/assets/`: the files of the developer pages, with their hash in the name. */
export function devAssets(webFolder: string) {
  const root = join(webFolder, 'dev', 'assets')
  return function handleDevAssets(ctx: HttpContext): Promise<void> {
    return sendHashedFile(ctx, root, ctx.path.slice(assets.length))
  }
}
