import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseReturnTo } from '../src/http/return-to.ts'

const publicOrigin = new URL('https://login.example.com')
const origins = ['https://app.example.com', 'http://localhost:5173']
const parse = (text: string) => parseReturnTo(text, { publicOrigin, origins })

describe('parseReturnTo takes', () => {
  test.each([
    ['/', 'https://login.example.com/'],
    ['/welcome?from=mail#top', 'https://login.example.com/welcome?from=mail#top'],
    ['/a/../b', 'https://login.example.com/b'],
    ['/https://evil.example', 'https://login.example.com/https://evil.example'],
    ['https://login.example.com', 'https://login.example.com/'],
    ['https://app.example.com', 'https://app.example.com/'],
    [
      'https://app.example.com/orders/7?a=b%20c&d=%C3%BC#e',
      'https://app.example.com/orders/7?a=b%20c&d=%C3%BC#e',
    ],
    ['https://app.example.com:443/x', 'https://app.example.com/x'],
    ['HTTPS://APP.example.com/X', 'https://app.example.com/X'],
    ['https://app.example.com/?next=//evil.example', 'https://app.example.com/?next=//evil.example'],
    ['https://app.example.com/@evil.example', 'https://app.example.com/@evil.example'],
    ['http://localhost:5173/', 'http://localhost:5173/'],
    // Every dot segment is gone before a browser sees it: this is a path of ours with two slashes.
    ['/..//evil.example', 'https://login.example.com//evil.example'],
  ])('%s', (text, expected) => {
    expect(parse(text)).toBe(expected)
  })
})

const hostile = [
  '',
  ' ',
  'welcome',
  '?a=b',
  '#top',
  './x',
  '//e',
  '//evil.example',
  '///evil.example',
  '/\\e',
  '\\\\evil.example',
  '\\/evil.example',
  '/\\/evil.example',
  'https:e',
  'https:/evil.example',
  'https:evil.example',
  'https:///evil.example',
  'https:\\\\evil.example',
  'https://evil.example\\@app.example.com',
  'https://app.example.com\\.evil.example',
  '%2f%2fe',
  '%2F%2Fevil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '\t//evil.example',
  ' https://app.example.com',
  'https://app.example.com ',
  'https://app.example.com/\r\nSet-Cookie: a=b',
  'https://app.example.com/a b',
  'ht\ttps://app.example.com',
  'https://app.example.com@evil.example',
  'https://app.example.com:pass@evil.example/',
  'https://user@app.example.com/',
  'https://user:pass@app.example.com/',
  'https://:@evil.example/',
  'javascript:alert(1)',
  'JavaScript:alert(1)',
  'javascript://app.example.com/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'file:///etc/passwd',
  'blob:https://app.example.com/1',
  'ftp://app.example.com/',
  'wss://app.example.com/',
  'https://app.example.com:8443/',
  'https://app.example.com:80/',
  'http://app.example.com/',
  'http://login.example.com/',
  'https://localhost:5173/',
  'http://localhost/',
  'https://evil.example/',
  'https://app.example.com.evil.example/',
  'https://app.example.com./',
  'https://evilapp.example.com/',
  'https://example.com/',
  'https://app\u3002example.com/',
  'https://app\uff0eexample\uff0ecom/',
  'https://\uff41pp.example.com/',
  'https://app.ex\u0430mple.com/',
  'https://app.example.com\u2044evil.example',
  'https://app.example.com\u200b/',
  'https://app.example.com/\u202e',
  'https://app%2eexample.com.evil.example/',
  'https://app.example.com%2f.evil.example/',
  'https://app.example.com%00.evil.example/',
  'https://[app.example.com]/',
  'https://',
  'https://?app.example.com',
  'https://#app.example.com',
  'null',
  'undefined',
  '\0',
  '/\0',
  '/<script>',
  '/"onload="',
  '/ü',
  `https://app.example.com/${'a'.repeat(10_240)}`,
  '/'.padEnd(10_240, 'a'),
  `/${'/'.repeat(10_000)}`,
]

test.each(hostile)('A14, R48: parseReturnTo refuses %j', (text) => {
  expect(parse(text)).toBeUndefined()
})

const allowed = [publicOrigin.origin, ...origins]
const piece = fc.constantFrom(
  ...[
    'https:',
    'http:',
    'HTTPS:',
    'javascript:',
    '//',
    '/',
    '\\',
    '?',
    '#',
    '@',
    ':',
    '.',
    '..',
    '%2f',
    '%5c',
    '%00',
  ],
  ...[
    'app.example.com',
    'login.example.com',
    'localhost',
    'evil.example',
    ':443',
    ':5173',
    ':80',
    'user',
    'x',
    '[',
    ']',
  ],
  ...[
    '\t',
    '\n',
    '\r',
    ' ',
    '\0',
    '。',
    '．',
    '／',
    '＼',
    '\u202e',
    'ü',
    '|',
    '<',
    '"',
    '%',
    '%zz',
    ';',
    '=',
  ],
)
const nearUrl = fc
  .tuple(fc.constantFrom('', '/', '//', ...allowed, ...allowed), fc.array(piece, { maxLength: 8 }))
  .map(([start, pieces]) => start + pieces.join(''))
const anything = fc.oneof(
  { weight: 4, arbitrary: nearUrl },
  fc.webUrl(),
  fc.webPath().map((path) => `https://app.example.com${path}`),
  fc.string({ unit: 'binary' }),
)

test('what parseReturnTo gives has one of the allowed origins, no user, and only characters of URLs', () => {
  let taken = 0
  fc.assert(
    fc.property(anything, (text) => {
      const target = parse(text)
      if (target === undefined) return
      taken += 1
      const url = new URL(target)
      expect(allowed).toContain(url.origin)
      expect(url.username + url.password).toBe('')
      expect(target).toMatch(/^[\x21-\x7e]+$/)
      expect(target).not.toContain('\\')
    }),
    { numRuns: 20_000 },
  )
  expect(taken).toBeGreaterThan(1_000)
})

test('parseReturnTo changes nothing when it is applied to what it gave', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const target = parse(text)
      if (target !== undefined) expect(parse(target)).toBe(target)
    }),
    { numRuns: 20_000 },
  )
})
