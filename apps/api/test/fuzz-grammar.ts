import fc from 'fast-check'
import { requestHeaders, requestLine } from './fuzz-requests.ts'

/** Bytes for one connection, as latin1. */
export interface FuzzCase {
  kind: string
  bytes: string
  /** The bytes are one request, or none that can be understood: whatever follows the first answer is a refusal of the rest. */
  isOneRequest: boolean
}

/** What nobody may get the server to do from within the body of another request. */
export const smuggledEmail = 'smuggled@example.com'
const smuggledBody = JSON.stringify({ email: smuggledEmail })
const smuggled =
  `POST /auth/otp/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n` +
  `Content-Length: ${smuggledBody.length}\r\n\r\n${smuggledBody}`

/** Every one of these is ambiguous, or is not what RFC 9112 section 6 and 7 allow. */
const ambiguous = fc.constantFrom(
  ...[
    'Content-Length: 4\r\nTransfer-Encoding: chunked\r\n',
    'Transfer-Encoding: chunked\r\nContent-Length: 4\r\n',
  ],
  ...[
    'Content-Length: 4\r\nContent-Length: 5\r\n',
    'Content-Length: 4\r\nContent-Length: 4\r\n',
    'Content-Length: 4, 5\r\n',
  ],
  ...[
    'Content-Length : 4\r\n',
    'Content-Length: +4\r\n',
    'Content-Length: -4\r\n',
    'Content-Length: 4 4\r\n',
    'Content-Length: 0x4\r\n',
  ],
  ...[
    'Content-Length: 4\n',
    'Content-Length:\r\n 4\r\n',
    '\0Content-Length: 4\r\n',
    'Content-Length: 4\x0b\r\n',
    'Content-Length: \xb2\r\n',
  ],
  ...[
    'Transfer-Encoding : chunked\r\n',
    'Transfer-Encoding:\x0bchunked\r\n',
    'Transfer-Encoding: xchunked\r\n',
    'Transfer-Encoding: chunked, x\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n',
    'Transfer-Encoding: x\r\nTransfer-Encoding: chunkedx\r\n',
  ],
  ...[
    'Transfer-Encoding: "chunked"\r\n',
    'Transfer-Encoding: identity\r\n',
    'Transfer-Encoding: chunked;q=1\r\n',
    'Transfer-Encoding:\r\n chunked\r\n',
  ],
  ...[
    'Transfer-Encoding: chunked\n',
    '\nTransfer-Encoding: chunked\r\n',
    'X: y\rTransfer-Encoding: chunked\r\n',
    'Content-Length: 4\r\nTransfer-Encoding:\r\n',
  ],
)
const clear = '{"email":"nobody"}'
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
const badChunks = fc.constantFrom(
  ...[
    '4\n{"em\r\n',
    'zz\r\n',
    '4 \r\n{"em\r\n',
    '+4\r\n{"em\r\n',
    '0x4\r\n{"em\r\n',
    '-1\r\n',
    '4\r\n{"emX\r\n',
    'fffffffffffffffff\r\n',
  ],
  ...[
    '\r\n',
    '4;a\n\r\n{"em\r\n',
    '4\r{"em\r\n',
    '4\r\n{"em',
    '0\n\r\n',
    '0\r\nX Y: z\r\n\r\n',
    '0\r\nX\0: z\r\n\r\n',
    `4;${'a'.repeat(20_000)}\r\n`,
  ],
)
const post = 'POST /auth/otp/send HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
const smuggling = fc.oneof(
  fc
    .tuple(ambiguous, fc.constantFrom('{}  ', '', chunk(clear), `${chunk(clear)}0\r\n\r\n`, '0\r\n\r\n'))
    .map(([framing, body]) => `${post}${framing}\r\n${body}${smuggled}`),
  badChunks.map((bad) => `${post}Transfer-Encoding: chunked\r\n\r\n${bad}${smuggled}`),
  // These are framed as they should be: the smuggled request is nothing but a body.
  fc.constantFrom(
    `${post}Content-Length: ${clear.length + smuggled.length}\r\n\r\n${clear}${smuggled}`,
    `${post}Transfer-Encoding: chunked\r\n\r\n${chunk(clear)}${chunk(smuggled)}0\r\n\r\n`,
    `GET /auth/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
    `${post}Content-Length: ${smuggled.length + 100}\r\n\r\n${smuggled}`,
  ),
)

const sound = [
  'GET /auth/session HTTP/1.1\r\nHost: localhost\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: localhost\r\nCookie: holdfast=v1.a.b.c\r\n\r\n',
  `${post}Content-Length: ${clear.length}\r\n\r\n${clear}`,
  `${post}Transfer-Encoding: chunked\r\n\r\n${chunk(clear)}0\r\n\r\n`,
]
const mutated = fc
  .tuple(
    fc.constantFrom(...sound),
    fc.array(fc.tuple(fc.nat(), fc.constantFrom('insert', 'replace', 'delete'), fc.nat(255)), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([request, changes]) =>
    changes.reduce((text, [place, change, byte]) => {
      const at = place % (text.length + 1)
      const added = change === 'delete' ? '' : String.fromCharCode(byte)
      return text.slice(0, at) + added + text.slice(change === 'insert' ? at : at + 1)
    }, request),
  )
const noise = fc.array(fc.nat(255), { maxLength: 300 }).map((bytes) => String.fromCharCode(...bytes))
const pipelined = fc
  .array(fc.oneof(fc.constantFrom(...sound), mutated), { minLength: 2, maxLength: 12 })
  .map((all) => all.join(''))

const kindOf = (kind: string, bytes: fc.Arbitrary<string>, isOneRequest: boolean) =>
  bytes.map((text): FuzzCase => ({ kind, bytes: text, isOneRequest }))

export const fuzzCase: fc.Arbitrary<FuzzCase> = fc.oneof(
  kindOf('a request line', requestLine, true),
  { weight: 3, arbitrary: kindOf('headers', requestHeaders, true) },
  { weight: 3, arbitrary: kindOf('smuggling', smuggling, true) },
  kindOf('changed bytes', mutated, false),
  kindOf('noise', noise, false),
  kindOf('pipelining', pipelined, false),
)
