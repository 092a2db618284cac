import { type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

/**
 * A fetch that reaches the server as a proxy in front of it does: whatever the origin of the address, the
 * request goes to `port` on this machine and names that origin's host. Node's own fetch cannot name another
 * host. Each request has a connection of its own.
 */
export function createProxiedFetch(port: number): typeof globalThis.fetch {
  return async function proxiedFetch(input, init) {
    const asked = new Request(input, init)
    const url = new URL(asked.url)
    const body = Buffer.from(await asked.arrayBuffer())
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request({
        host: '127.0.0.1',
        port,
        agent: false,
        method: asked.method,
        path: url.pathname + url.search,
        headers: { ...Object.fromEntries(asked.headers), host: url.host, 'content-length': body.length },
        signal: asked.signal,
      })
        .on('response', resolve)
        .on('error', reject)
        .end(body)
    })
    return asResponse(answer)
  }
}

async function asResponse(answer: IncomingMessage): Promise<Response> {
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const bytes = await buffer(answer)
  const status = answer.statusCode ?? 0
  return new Response(status === 204 ? null : new Uint8Array(bytes), { status, headers })
}
