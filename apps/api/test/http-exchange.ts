import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http'

export interface Call {
  port: number
  method: string
  path: string
  headers?: OutgoingHttpHeaders
  body?: string | Buffer
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  setCookies: string[]
  text: string
  /** The body where it is JSON, else an empty object. */
  body: Record<string, unknown>
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** One HTTP exchange with 127.0.0.1, with exactly these headers. `fetch` forbids many that an attacker sends. */
export function exchange(call: Call): Promise<Answer> {
  const { port, method, path, body } = call
  // Node's client frames the body of a DELETE by nothing at all.
  const isFramed = call.headers !== undefined && 'Transfer-Encoding' in call.headers
  const framing = body === undefined || isFramed ? {} : { 'Content-Length': Buffer.byteLength(body) }
  const headers = { ...framing, ...call.headers }
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent }, async (incoming) => {
      try {
        const chunks: Buffer[] = []
        for await (const chunk of incoming) chunks.push(chunk)
        const text = Buffer.concat(chunks).toString('utf8')
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          setCookies: incoming.headers['set-cookie'] ?? [],
          text,
          body: parseObject(text),
        })
      } catch (error) {
        reject(error)
      }
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}
