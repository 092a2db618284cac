import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { StartFault } from '../start-fault.ts'
import { problemBody } from './problem.ts'
import { commonHeaders } from './security-headers.ts'

const sweepMs = 50

/** An HTTP server with the limits that cut off a slow or a greedy client. It handles nothing yet. */
export function createHttpServer(): Server {
  const server = createServer({
    headersTimeout: 10_000,
    requestTimeout: 15_000,
    connectionsCheckingInterval: 1_000,
    keepAliveTimeout: 5_000,
    maxHeaderSize: 8_192,
    // A request without a Host is answered by the host check, with a problem.
    requireHostHeader: false,
  })
  server.on('clientError', answerClientError)
  server.on('checkExpectation', answerExpectation)
  return server
}

/** Resolves with the port once the server listens. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explainListen(error, port, host)))
    server.listen(port, host, () => {
      server.removeAllListeners('error')
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function explainListen(error: NodeJS.ErrnoException, port: number, host: string): Error {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'is taken by another program',
    EACCES: 'may not be used by this user',
    EADDRNOTAVAIL: 'is no address of this machine',
    ENOTFOUND: 'is no address of this machine',
  }
  const reason = reasons[error.code ?? '']
  return reason === undefined
    ? error
    : new StartFault([`PORT, HOST: ${host}:${port} ${reason}; choose another`])
}

/**
 * Takes no new connection and resolves when the requests under way have been answered. After `graceMs` it
 * cuts off those that are still not: their client has stopped sending, or reading.
 */
export function drain(server: Server, graceMs: number): Promise<void> {
  const cutOff = setTimeout(() => server.closeAllConnections(), graceMs)
  // A connection that is kept alive becomes idle only after its answer, and would hold the server open.
  const sweep = setInterval(() => server.closeIdleConnections(), sweepMs)
  return new Promise((resolve) => {
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(cutOff)
      resolve()
    })
  })
}

/** An Expect header other than `100-continue`. (RFC 9110 section 10.1.1) */
function answerExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const problem = problemBody('bad_request', 'This server meets no such expectation.', randomUUID())
  response.writeHead(417, {
    ...commonHeaders,
    'Content-Type': 'application/problem+json',
    Connection: 'close',
  })
  response.end(JSON.stringify({ ...problem, status: 417 }))
}

/** What the HTTP parser refuses never becomes a request, and is answered with a problem all the same. */
function answerClientError(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const isTooLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const isTooSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const status = isTooLarge
    ? '431 Request Header Fields Too Large'
    : isTooSlow
      ? '408 Request Timeout'
      : '400 Bad Request'
  const body = JSON.stringify({
    ...problemBody('bad_request', 'The request could not be read.', randomUUID()),
    status: Number(status.slice(0, 3)),
  })
  const headers = {
    ...commonHeaders,
    'Content-Type': 'application/problem+json',
    'Content-Length': Buffer.byteLength(body),
    Connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status}`, ...lines, '', body].join('\r\n'))
}
