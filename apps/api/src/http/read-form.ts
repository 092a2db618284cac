import type { HttpContext } from './http-context.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The fields that a form has sent; `undefined` where it names one twice or is not in UTF-8: no form of a page of
 * ours does. (WHATWG URL, section 5.1)
 */
export async function readForm(ctx: HttpContext): Promise<Record<string, string> | undefined> {
  const bytes = (await ctx.state.body) ?? Buffer.alloc(0)
  const text = decode(bytes)
  if (text === undefined) return undefined
  const fields = [...new URLSearchParams(text)]
  const names = new Set(fields.map(([name]) => name))
  // What was no UTF-8 behind its percent signs has been replaced by something that nobody sent.
  const isWhole = fields.every((field) => !field.join().includes('\ufffd'))
  return isWhole && names.size === fields.length ? Object.fromEntries(fields) : undefined
}

function decode(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
