import { createHash } from 'node:crypto'
import type { Config } from '../config.ts'
import { StartFault } from '../start-fault.ts'
import type { Brand, BrandFile } from './brand.ts'

type BrandSettings = Pick<Config, 'ACCENT_COLOR' | 'LOGO_FILE'>

/** The brand of the configuration, checked. Loaded only where there is one: the start is faster without it. */
export async function openBrand({ ACCENT_COLOR, LOGO_FILE }: BrandSettings): Promise<Brand> {
  const brand: Brand = {}
  if (ACCENT_COLOR !== undefined) {
    const { accentStyle } = await import('./accent-style.ts')
    const { accentMailColors } = await import('./accent-mail-colors.ts')
    brand.mailColors = accentMailColors(ACCENT_COLOR)
    brand.style = brandFile('/brand/style.css', 'text/css; charset=utf-8', accentStyle(ACCENT_COLOR))
  }
  if (LOGO_FILE !== undefined) {
    const { readLogoFile } = await import('./logo-file.ts')
    const read = await readLogoFile(LOGO_FILE)
    if (!read.ok) throw new StartFault([`LOGO_FILE: ${read.fault}`])
    const { type, content, width, height } = read.logo
    brand.logo = { ...brandFile('/brand/logo', type, content), width, height }
  }
  return brand
}

function brandFile(path: string, type: string, content: string | Buffer): BrandFile {
  const hash = createHash('sha256').update(content).digest('base64url').slice(0, 12)
  return { url: `${path}?v=${hash}`, type, content: Buffer.from(content) }
}
