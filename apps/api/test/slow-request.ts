import { type IncomingMessage, request } from 'node:http'
import type { RunningApp } from './running-app.ts'

export interface SlowRequest {
  /** Sends the body and resolves with the answer, or with `undefined` where the server has ended meanwhile. */
  finish(): Promise<SlowAnswer | undefined>
}

export interface SlowAnswer {
  status: number
  setCookies: string[]
  body: Record<string, unknown>
}

let begun = 0

/** Sends the head of a request, and resolves once the server works on it: it has looked at the session by now. */
export async function beginSlowly(
  app: RunningApp,
  call: { method: string; path: string; cookie: string | undefined; body?: object },
): Promise<SlowRequest> {
  begun += 1
  const name = String(begun)
  const text = JSON.stringify(call.body ?? {})
  const outgoing = request({
    host: '127.0.0.1',
    port: app.port,
    agent: false,
    method: call.method,
    path: call.path,
    headers: {
      Host: app.host,
      'Sec-Fetch-Site': 'same-origin',
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(text),
      'X-Slow': name,
      ...(call.cookie === undefined ? {} : { Cookie: call.cookie }),
    },
  })
  const answered = new Promise<SlowAnswer | undefined>((resolve) => {
    outgoing.on('error', () => resolve(undefined))
    outgoing.on('response', (incoming) => resolve(readAnswer(incoming)))
  })
  app.server.setMaxListeners(0)
  await new Promise<void>((resolve) => {
    app.server.on('request', function notice(incoming: IncomingMessage) {
      if (incoming.headers['x-slow'] !== name) return
      app.server.off('request', notice)
      resolve()
    })
    outgoing.flushHeaders()
  })
  return {
    finish() {
      outgoing.end(text)
      return answered
    },
  }
}

async function readAnswer(incoming: IncomingMessage): Promise<SlowAnswer> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  return {
    status: incoming.statusCode ?? 0,
    setCookies: incoming.headers['set-cookie'] ?? [],
    body: text === '' ? {} : JSON.parse(text),
  }
}
