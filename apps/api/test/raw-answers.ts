export interface RawAnswer {
  status: number
  /** By lower-case name. A name that comes twice has its values in one text. */
  headers: Record<string, string>
  body: string
}

/**
 * Reads every answer on a connection that has been closed. Throws where the bytes are not answers one after
 * the other, each framed by its own headers: whatever reads the connection would be led astray.
 */
export function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  let rest = text
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n')
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n')
    const status = Number(/^HTTP\/1\.1 ([1-5]\d\d) [\x20-\x7e]*$/.exec(statusLine)?.[1])
    if (end < 0 || Number.isNaN(status))
      throw new Error(`not an answer: ${JSON.stringify(rest.slice(0, 200))}`)
    const headers = parseHeaders(lines)
    const { body, length } = readBody(rest.slice(end + 4), status, headers)
    answers.push({ status, headers, body })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}

function parseHeaders(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const [, name, value] = /^([\w-]+): ([\t\x20-\x7e]*)$/.exec(line) ?? []
    if (name === undefined || value === undefined) throw new Error(`not a header: ${JSON.stringify(line)}`)
    const known = headers[name.toLowerCase()]
    headers[name.toLowerCase()] = known === undefined ? value : `${known}, ${value}`
  }
  return headers
}

function readBody(rest: string, status: number, headers: Record<string, string>) {
  if (status < 200 || status === 204 || status === 304) return { body: '', length: 0 }
  if (headers['transfer-encoding'] === 'chunked') return readChunks(rest)
  const length = Number(headers['content-length'] ?? Number.NaN)
  if (!(length <= rest.length))
    throw new Error(`an answer without its whole body: ${JSON.stringify(headers)}`)
  return { body: rest.slice(0, length), length }
}

function readChunks(rest: string) {
  let body = ''
  let at = 0
  for (;;) {
    const [line, digits = ''] = /^([0-9a-f]+)\r\n/i.exec(rest.slice(at, at + 20)) ?? []
    if (line === undefined) throw new Error(`not a chunk: ${JSON.stringify(rest.slice(at, at + 40))}`)
    const size = Number.parseInt(digits, 16)
    body += rest.slice(at + line.length, at + line.length + size)
    at += line.length + size + 2
    if (size === 0) return { body, length: at }
  }
}
