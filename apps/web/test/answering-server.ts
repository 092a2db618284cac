import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the server does with a request: an answer, or `drop` to cut the connection as a killed server would. */
export type Reply =
  | 'drop'
  | { status: number; body?: object; headers?: Record<string, string>; waitFor?: Promise<unknown> }

/** A real server that answers each call with what `replies` holds for it at that moment. */
export async function startAnsweringServer(replies: Record<string, Reply>) {
  const heard: string[] = []
  const server = createServer(async (request, response) => {
    const call = `${request.method} ${request.url}`
    heard.push(call)
    const reply = replies[call] ?? { status: 500 }
    if (reply === 'drop') return void response.destroy()
    await reply.waitFor
    const type = reply.status < 400 ? 'application/json' : 'application/problem+json'
    response
      .writeHead(reply.status, { 'content-type': type, ...reply.headers })
      .end(JSON.stringify(reply.body))
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
