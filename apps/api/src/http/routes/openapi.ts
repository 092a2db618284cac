import type { HttpContext } from '../http-context.ts'

/** `GET /openapi.json`: the HTTP API for programs that make clients of it. */
export function openapi(options: { appName: string; origin: string; cookieName: string }) {
  let document: string | undefined
  return async function handleOpenapi(ctx: HttpContext): Promise<void> {
    if (document === undefined) {
      // Loaded when it is first asked for: most servers never are.
      const { describeApi } = await import('../openapi.ts')
      document = JSON.stringify(describeApi(options))
    }
    ctx.set('Cache-Control', 'no-cache')
    ctx.body = document
    ctx.type = 'application/json'
  }
}
