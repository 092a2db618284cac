import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openBrand } from '../src/brand/open-brand.ts'
import { expectProblem } from './problem-answer.ts'
import { startApp } from './running-app.ts'
import { writeFolder } from './written-folder.ts'

const svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 40"><script>alert(1)</script></svg>'
const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAYAAAD0In+KAAAAEUlEQVR4nGNk+M/wn4GBgQEABgwBAV7pRZ0AAAAASUVORK5CYII=',
  'base64',
)

async function written(content: string | Buffer): Promise<string> {
  return join(await writeFolder({ 'logo.txt': content }), 'logo.txt')
}

test('the accent colour is a style sheet that is kept for good under the address that the page has of it', async () => {
  await using app = await startApp({ environment: { ACCENT_COLOR: '#1A56DB' } })
  const { style } = await openBrand(app.config)
  const answer = await app.newBrowser().call('GET', style?.url ?? '')

  expect(answer.status).toBe(200)
  expect(answer.text).toContain('--accent:#1a56db;')
  expect(answer.headers).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  })
  expect(answer.setCookies).toEqual([])
})

test('the address of another version is answered with this one, which is not kept', async () => {
  await using app = await startApp({ environment: { ACCENT_COLOR: '#1a56db' } })
  const answer = await app.newBrowser().call('GET', '/brand/style.css?v=older')

  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('no-cache')
})

test('a logo that is led to by its address can run nothing and load nothing', async () => {
  await using app = await startApp({ isProduction: true, environment: { LOGO_FILE: await written(svg) } })
  const answer = await app.newBrowser().call('GET', '/brand/logo')

  expect(answer.status).toBe(200)
  expect(answer.text).toBe(svg)
  expect(answer.headers).toMatchObject({
    'content-type': 'image/svg+xml',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  })
})

test.each(['/brand/logo', '/brand/style.css', '/brand'])('without a brand %s is 404', async (path) => {
  await using app = await startApp()
  expectProblem(await app.newBrowser().call('GET', path), 404, 'not_found')
})

test('a logo is what its content is, whatever its name, and comes with its size', async () => {
  const read = async (content: string | Buffer) =>
    (await openBrand({ ACCENT_COLOR: undefined, LOGO_FILE: await written(content) })).logo

  expect(await read(svg)).toMatchObject({ type: 'image/svg+xml', width: 160, height: 40 })
  expect(await read(png)).toMatchObject({ type: 'image/png', width: 2, height: 1 })
})

test.each([
  ['text', 'not a picture', 'is neither SVG nor PNG'],
  ['a page', '<!doctype html><html><svg></svg></html>', 'is neither SVG nor PNG'],
  ['a page with a picture', `<!doctype html>\n<html><body>${svg}</body></html>`, 'is neither SVG nor PNG'],
  ['a page that begins with a comment', `<!-- <svg > --><html>${svg}</html>`, 'is neither SVG nor PNG'],
  ['a picture after a doctype of pages', `<!DOCTYPE html>${svg}`, 'is neither SVG nor PNG'],
  ['a picture after text', `logo ${svg}`, 'is neither SVG nor PNG'],
  ['a GIF', Buffer.from('GIF89a\x01\0\x01\0\0\0\0;', 'latin1'), 'is neither SVG nor PNG'],
  ['nothing', '', 'is neither SVG nor PNG'],
  ['too much', Buffer.alloc(128 * 1024 + 1), 'is larger than 128 KiB'],
])('a logo that is %s is refused at the start', async (_what, content, fault) => {
  const opened = openBrand({ ACCENT_COLOR: undefined, LOGO_FILE: await written(content) })
  await expect(opened).rejects.toMatchObject({ faults: [`LOGO_FILE: ${fault}`], exitCode: 78 })
})

test.each([
  ['an XML declaration', '<?xml version="1.0" encoding="UTF-8"?>\n'],
  ['a byte order mark', '\uFEFF<?xml version="1.0"?>'],
  ['comments', '<!-- <html> -->\n<!-- Generator: x --> '],
  ['a style sheet', '<?xml version="1.0"?><?xml-stylesheet href="x.css"?>'],
  [
    'a doctype',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">\n',
  ],
  ['a doctype with entities', '<!DOCTYPE svg [ <!ENTITY ns "http://ns.example/"> ]>\n<!-- x -->'],
  ['many comments', '<!-- -->'.repeat(100)],
])('an SVG may begin with %s', async (_what, prolog) => {
  const file = await written(prolog + svg)
  const { logo } = await openBrand({ ACCENT_COLOR: undefined, LOGO_FILE: file })
  expect(logo).toMatchObject({ type: 'image/svg+xml', width: 160, height: 40 })
})

test.each([
  ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
  ['a folder', (path: string) => mkdirSync(path)],
  ['a device', (path: string) => symlinkSync('/dev/zero', path)],
])('a logo that is %s is refused at the start, which does not wait for it', async (_what, make) => {
  const file = join(await writeFolder({}), 'logo.svg')
  make(file)
  const opened = openBrand({ ACCENT_COLOR: undefined, LOGO_FILE: file })
  await expect(opened).rejects.toMatchObject({ faults: ['LOGO_FILE: is no regular file'], exitCode: 78 })
})

test('a logo that is not there is refused at the start', async () => {
  const opened = openBrand({ ACCENT_COLOR: undefined, LOGO_FILE: '/nowhere/logo.svg' })
  await expect(opened).rejects.toMatchObject({ faults: ['LOGO_FILE: cannot be read (ENOENT)'] })
})
