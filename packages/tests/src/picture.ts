import { readFile } from 'node:fs/promises'
import { decode } from 'fast-png'

/** A part of a picture, in pixels. */
export interface Area {
  x: number
  y: number
  width: number
  height: number
}

/** What is drawn on the ground of an area. */
export interface Ink {
  left: number
  right: number
  /** The most that it has with the ground, by WCAG. */
  contrast: number
}

/** A picture of a page, as it was kept. */
export interface Picture {
  width: number
  height: number
  /** 0 is black, 1 is white. (WCAG 2.2, relative luminance) */
  luminanceAt(x: number, y: number): number
  inkIn(area: Area): Ink
}

/** What stands out less than that is no writing. (WCAG 2.2, 1.4.11) */
const leastContrast = 3

export async function readPicture(file: string): Promise<Picture> {
  const { width, height, data, channels } = decode(await readFile(file))

  function luminanceAt(x: number, y: number): number {
    const start = (Math.floor(y) * width + Math.floor(x)) * channels
    const [red = 0, green = 0, blue = 0] = data.subarray(start, start + 3)
    return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
  }

  function inkIn(area: Area): Ink {
    const ink = { left: Number.POSITIVE_INFINITY, right: Number.NEGATIVE_INFINITY, contrast: 1 }
    const ground = luminanceAt(area.x, area.y)
    for (let y = area.y; y < area.y + area.height; y += 1) {
      for (let x = area.x; x < area.x + area.width; x += 1) {
        const contrast = contrastOf(luminanceAt(x, y), ground)
        if (contrast < leastContrast) continue
        ink.left = Math.min(ink.left, x)
        ink.right = Math.max(ink.right, x + 1)
        ink.contrast = Math.max(ink.contrast, contrast)
      }
    }
    return ink
  }

  return { width, height, luminanceAt, inkIn }
}

function linear(channel: number): number {
  const share = channel / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}

function contrastOf(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05)
}
