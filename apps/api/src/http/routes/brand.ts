import type { BrandFile } from '../../brand/brand.ts'
import type { HttpContext } from '../http-context.ts'

const keptForGood = 'public, max-age=31536000, immutable'
/** An SVG is a page to a browser that is led to it. Then it may run nothing and load nothing. */
const inertPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"

/**
 * `GET /brand/...`: a file of the operator. Whoever has the address of another version, of the server before or after
 * this one, gets this one, and asks again.
 */
export function brandFile(file: BrandFile | undefined) {
  return async function serveBrandFile(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
    if (file === undefined) return next()
    const isThisVersion = file.url === `${ctx.path}${ctx.search}`
    ctx.set({
      'Cache-Control': isThisVersion ? keptForGood : 'no-cache',
      'Content-Security-Policy': inertPolicy,
    })
    ctx.type = file.type
    ctx.body = file.content
  }
}
