import { send } from '@koa/send'
import type { HttpContext } from './http-context.ts'

const yearMs = 31_536_000_000
const plainName = /^\w[\w.-]*$/

/**
 * Answers with a file whose name carries a hash of what is in it, to be kept for good. `name` is the end of the path as
 * it was sent: in any other spelling a cache would keep something else under it, and keep that for good too.
 */
export async function sendHashedFile(ctx: HttpContext, root: string, name: string): Promise<void> {
  if (!plainName.test(name)) return
  await send(ctx as never, name, { root, maxage: yearMs, immutable: true })
}
