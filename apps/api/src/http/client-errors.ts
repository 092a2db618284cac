import { randomUUID } from 'node:crypto'
import type { Server, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { problemBody } from './problem.ts'
import { commonHeaders } from './security-headers.ts'

/**
 * What the HTTP parser refuses never becomes a request, and is answered with a problem all the same: once, and
 * in its turn. A request has one answer; whoever reads a second would take it for that of the next one.
 */
export function answerClientErrors(server: Server): void {
  const newest = new WeakMap<Duplex, ServerResponse>()
  const refused = new WeakSet<Duplex>()
  server.on('request', ({ socket }, response) => newest.set(socket, response))
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET') socket.destroy()
    if (refused.has(socket)) return
    refused.add(socket)
    const response = newest.get(socket)
    if (response === undefined) refuse(error, socket)
    else if (response.req.complete) afterAnswer(response, () => refuse(error, socket))
    // Its body does not come as it should. It may have been answered before the body was looked at.
    else if (response.headersSent) afterAnswer(response, () => socket.destroy())
    else if (response.socket !== null) refuse(error, socket)
    // An earlier request on the connection has not been answered yet: nothing may go before that.
    else socket.destroy()
  })
}

function afterAnswer(response: ServerResponse, then: () => void): void {
  if (response.writableFinished) then()
  else response.once('finish', then)
}

function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
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
