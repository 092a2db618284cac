import { readdir, readFile } from 'node:fs/promises'
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { languageTags } from '@holdfast/messages'
import { expect, test } from 'vitest'

const client = new URL('../dist/client/', import.meta.url)
const embed = new URL('../dist/embed/', import.meta.url)
const mostBytes = 30_000
const mostBytesOfElement = 35_000

async function compressedBytes(file: URL): Promise<number> {
  return gzipSync(await readFile(file), { level: 9 }).length
}

/** Every script that the built page loads: those it names, and whatever they import, at once or later. */
async function scriptsOfPage(): Promise<string[]> {
  const page = await readFile(new URL('index.html', client), 'utf8')
  const found = new Set([...page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].map(([, path]) => path ?? ''))
  for (const path of found) {
    const text = await readFile(new URL(path, client), 'utf8')
    const imports = text.matchAll(/(?:from|import)\s*\(?\s*["'`]\.\/([^"'`]+\.js)/g)
    for (const [, name] of imports) found.add(`assets/${name}`)
  }
  return [...found]
}

test('all JavaScript of the page is below 30 kB compressed, in whatever language', async () => {
  const scripts = await scriptsOfPage()
  expect(scripts.length).toBeGreaterThan(0)
  const sizes = await Promise.all(scripts.map((path) => compressedBytes(new URL(path, client))))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  expect(total, 'bytes of JavaScript, compressed').toBeLessThan(mostBytes)
})

test('the element and the language that has the most words are below 35 kB compressed', async () => {
  const script = new URL('holdfast-sign-in.js', embed)
  const named = (await readFile(script, 'utf8')).matchAll(/assets\/[\w-]+\.js/g)
  const languages = [...new Set([...named].map(([path]) => path))]
  // Whatever it loads besides would have to be counted too.
  expect(languages).toHaveLength(languageTags.length)
  const sizes = await Promise.all(languages.map((path) => compressedBytes(new URL(path, embed))))
  const element = await compressedBytes(script)
  expect(element + Math.max(...sizes), 'bytes of JavaScript, compressed').toBeLessThan(mostBytesOfElement)
})

test('scripts and styles stand there compressed too, the same in each form', async () => {
  const files = await readdir(new URL('assets/', client))
  const originals = files.filter((name) => /\.(js|css)$/.test(name))
  expect(originals.length).toBeGreaterThan(1)
  for (const name of originals) {
    const read = (ending: string) => readFile(new URL(`assets/${name}${ending}`, client))
    const original = await read('')
    expect(gunzipSync(await read('.gz')).equals(original)).toBe(true)
    expect(brotliDecompressSync(await read('.br')).equals(original)).toBe(true)
  }
})
