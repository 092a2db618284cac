import { readFile, stat } from 'node:fs/promises'
import { imageSize } from 'image-size'

export interface Logo {
  type: string
  content: Buffer
  /** Of the picture itself: the page keeps the place free while it loads. */
  width: number
  height: number
}

export type ReadLogo = { ok: true; logo: Logo } | { ok: false; fault: string }

const mostBytes = 128 * 1024
/** The prolog of an XML document, and the root that makes it an SVG. (XML 1.0 section 2.8) */
const svgRoot =
  /^\uFEFF?(?:\s|<\?(?:(?!\?>).)*\?>|<!--(?:(?!-->).)*-->|<!DOCTYPE\s+svg(?=[\s>[])(?:"[^"]*"|'[^']*'|\[[^\]]*\]|[^"'[\]>])*>)*<svg[\s/>]/s
const types: Record<string, string> = { svg: 'image/svg+xml', png: 'image/png' }

/** Reads and checks a logo: what it is is told by its content, never by its name. */
export async function readLogoFile(file: string): Promise<ReadLogo> {
  try {
    const found = await stat(file)
    // A pipe would be waited for, and a device has no end.
    if (!found.isFile()) return { ok: false, fault: 'is no regular file' }
    if (found.size > mostBytes) return { ok: false, fault: `is larger than ${mostBytes / 1024} KiB` }
    const content = await readFile(file)
    const { type = '', width, height } = imageSize(content)
    const contentType = types[type]
    const isPage = type === 'svg' && !svgRoot.test(content.toString())
    if (contentType === undefined || isPage) return { ok: false, fault: 'is neither SVG nor PNG' }
    return { ok: true, logo: { type: contentType, content, width, height } }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException
    return { ok: false, fault: syscall === undefined ? 'is neither SVG nor PNG' : `cannot be read (${code})` }
  }
}
