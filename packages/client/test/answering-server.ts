import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface HeardRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: unknown
}

type Respond = (response: ServerResponse, request: HeardRequest) => void

/** A real server on a free port that records what it hears. Used as `await using server = ...`. */
export async function startAnsweringServer(respond: Respond) {
  const heard: HeardRequest[] = []
  const server = createServer(async (incoming, response) => {
    let text = ''
    for await (const chunk of incoming) text += chunk
    const request: HeardRequest = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
    heard.push(request)
    respond(response, request)
  })
  // A machine that stands still for seconds ends no connection that a client goes on to use.
  server.keepAliveTimeout = 0
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function answerJson(response: ServerResponse, status: number, body: object, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
}

interface ProblemBody {
  status: number
  code: string
  [field: string]: unknown
}

export function answerProblem(response: ServerResponse, body: ProblemBody, headers = {}): void {
  answerJson(response, body.status, body, {
    'content-type': 'application/problem+json; charset=utf-8',
    ...headers,
  })
}
