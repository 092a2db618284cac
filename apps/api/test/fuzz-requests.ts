import fc from 'fast-check'

const crlf = '\r\n'
const method = fc.constantFrom(
  ...[
    'GET',
    'POST',
    'DELETE',
    'OPTIONS',
    'PUT',
    'PATCH',
    'TRACE',
    'CONNECT',
    'PROPFIND',
    'QUERY',
    'M-SEARCH',
  ],
  ...['get', 'Get', 'GET\t', '', 'G\0ET', 'GET/', 'BREW', 'ü', 'A'.repeat(300), 'PRI'],
)
const path = fc.constantFrom(
  ...[
    '/',
    '/auth/session',
    '/auth/otp/send',
    '/auth/otp/verify',
    '/auth/sessions',
    '/auth/check',
    '/auth/return',
  ],
  ...[
    '/auth/return?return_to=//evil.example',
    '/dev/mail?to=a',
    '/dev/mail/a/html',
    '/dev/mailbox?about=a',
    '/dev/state?reference=a',
    '/healthz',
    '/readyz',
    '/metrics',
    '/assets/app-1a2b3c.js',
  ],
  ...[
    '//',
    '/\\',
    '/..',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/.git/config',
    '/assets/../index.html',
    '/assets/%2e%2e%2findex.html',
  ],
  ...[
    '/%',
    '/%zz',
    '/%00',
    '/\0',
    '/%ff',
    '/\xff',
    '/a b',
    '/\t',
    '/?',
    '/?a[b]=c&a=d',
    '/?__proto__[a]=b',
    '/#x',
    '*',
    '',
    'x',
  ],
  ...[
    'http://localhost/auth/session',
    'http://evil.example/',
    'https://localhost:443/',
    'http:///x',
    'HTTP://localhost',
    '//[',
    'http://[',
    '//x:99999/',
  ],
  ...[
    'http://evil:fake@localhost/',
    'javascript:alert(1)',
    'localhost:80',
    '/;a=b',
    `/${'a'.repeat(4000)}`,
    `/${'%41'.repeat(2000)}`,
  ],
)
const version = fc.constantFrom(
  ...[
    'HTTP/1.1',
    'HTTP/1.1',
    'HTTP/1.1',
    'HTTP/1.0',
    'HTTP/2.0',
    'HTTP/0.9',
    'HTTP/1.1 ',
    'http/1.1',
    'HTTP/1.',
    'HTTP/11',
    '',
  ],
)
const space = fc.constantFrom(' ', ' ', ' ', ' ', '  ', '\t', '', '\x0b', '\xa0')
const lineEnd = fc.constantFrom(crlf, crlf, crlf, crlf, crlf, crlf, '\n', '\r', '\r\r\n', '\0\r\n', ' \r\n')

const host = fc.constantFrom(
  ...[
    'localhost',
    'localhost',
    '127.0.0.1:3000',
    'evil.example',
    'evil:fake@localhost',
    'localhost@evil.example',
    '',
  ],
  ...[
    'localhost:99999',
    'localhost:',
    '[::1]',
    '[::1',
    'localhost, evil.example',
    'localhost evil',
    'LOCALHOST',
    'localhost/',
    '\xff',
  ],
  ...[
    'localhost\\',
    'local\thost',
    `${'a.'.repeat(2000)}example`,
    '0',
    '0x7f.1',
    'localhost#',
    '%6cocalhost',
  ],
)
const token = fc.constantFrom(
  ...[
    '',
    'x',
    'v1',
    'v1.aaaaaaaa.b.c',
    'v1...',
    '.'.repeat(500),
    'v1.__proto__.a.b',
    '%',
    '%00',
    '\0',
    '\xff\xfe',
    '"',
    '=',
    ';',
    'a'.repeat(4000),
  ],
)
const forwarded = fc.constantFrom(
  ...[
    '1.2.3.4',
    '1.2.3.4, 5.6.7.8',
    'unknown',
    '_hidden',
    '::1',
    '[::1]:80',
    '::ffff:1.2.3.4',
    'fe80::1%eth0',
    '1.2.3.4:80',
  ],
  ...[
    '',
    ',',
    ',,,',
    ' ',
    '\t',
    '256.1.1.1',
    '0x7f.1',
    '1.2.3.4;',
    "' OR 1=1",
    '\xff',
    '1.2.3.4, '.repeat(500),
    '1.2.3.4,'.repeat(900),
  ],
)
const named = (name: string, value: fc.Arbitrary<string>) =>
  value.map((text): [string, string] => [name, text])
const wellKnown = fc.oneof(
  named('Host', host),
  named(
    'Cookie',
    fc
      .tuple(fc.constantFrom('holdfast=', '__Host-holdfast=', 'Holdfast=', ''), token)
      .map((parts) => parts.join('')),
  ),
  named(
    'Authorization',
    fc
      .tuple(fc.constantFrom('Bearer ', 'bearer', 'Basic ', 'Bearer\t', ''), token)
      .map((parts) => parts.join('')),
  ),
  named('X-Forwarded-For', forwarded),
  named('X-Forwarded-Host', host),
  named('X-Forwarded-Proto', fc.constantFrom('https', 'javascript', `${' '.repeat(3000)},`, ',')),
  named('Origin', fc.constantFrom('null', 'https://evil.example', 'http://localhost', '', 'x y', '\xff')),
  named('Sec-Fetch-Site', fc.constantFrom('same-origin', 'cross-site', 'none', '', 'x')),
  named(
    'Content-Type',
    fc.constantFrom('application/json', 'text/plain', 'application/json; charset=utf-16', ';', '\xff', '/'),
  ),
  named('Content-Encoding', fc.constantFrom('gzip', 'identity', 'br, gzip', '')),
  named('Connection', fc.constantFrom('close', 'keep-alive', 'upgrade', 'Host', 'close, close', '')),
  named('Upgrade', fc.constantFrom('websocket', 'h2c', '')),
  named('Expect', fc.constantFrom('100-continue', '200-ok', '')),
  named('Accept', fc.constantFrom('text/html', '*/*;q=x', ',', 'application/json', '\xff')),
  named('Accept-Encoding', fc.constantFrom('gzip', '*;q=0', 'identity;q=0')),
  named('If-None-Match', fc.constantFrom('*', '"x"', 'W/')),
  named('If-Modified-Since', fc.constantFrom('x', 'Thu, 01 Jan 1970 00:00:00 GMT')),
  named('Range', fc.constantFrom('bytes=0-0', 'bytes=9-1', 'bytes=0-,0-,0-', 'x')),
  named('X-HTTP-Method-Override', fc.constantFrom('DELETE', 'POST')),
  named('Trailer', fc.constantFrom('Host', 'X')),
  named('TE', fc.constantFrom('trailers', 'x')),
)
const stranger = fc.constantFrom<[string, string][]>(
  ...[
    ['', ''],
    ['X A', 'b'],
    ['X-A', 'a\0b'],
    ['X-A', '\x1b[31m'],
    ['\xff', 'b'],
    ['__proto__', 'b'],
    ['constructor', 'b'],
  ].map((pair) => [pair as [string, string]]),
  [['X', 'a'.repeat(9000)]],
  Array.from({ length: 1500 }, (_, index): [string, string] => [`X-${index}`, 'b']),
)
const hostileColon = fc.constantFrom(': ', ': ', ': ', ':', ' : ', ':\t', ' ', '', ':\r\n ', ':\x0b')
const group = fc.oneof(
  { weight: 9, arbitrary: wellKnown.map((pair) => [pair]) },
  { weight: 1, arbitrary: stranger },
)

function headerLines(colon: fc.Arbitrary<string>, end: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const marked = fc
    .tuple(group, colon, end)
    .map(([pairs, mark, last]) => pairs.map(([name, value]) => `${name}${mark}${value}${last}`).join(''))
  return fc.array(marked, { maxLength: 6 }).map((lines) => lines.join(''))
}

export const requestLine = fc
  .tuple(method, space, path, space, version, lineEnd)
  .map((parts) => `${parts.join('')}Host: localhost${crlf}${crlf}`)
/** Mostly headers that parse, and mean something that they should not. */
export const requestHeaders = fc
  .tuple(
    fc.constantFrom('GET', 'GET', 'DELETE', 'POST', 'OPTIONS'),
    fc.constantFrom('/auth/session', '/auth/otp/send', '/', '/auth/check', '/auth/otp'),
    fc.constantFrom(`Host: localhost${crlf}`, `Host: localhost${crlf}`, ''),
    fc.oneof(headerLines(fc.constant(': '), fc.constant(crlf)), headerLines(hostileColon, lineEnd)),
  )
  .map(([verb, target, first, lines]) => `${verb} ${target} HTTP/1.1${crlf}${first}${lines}${crlf}`)
