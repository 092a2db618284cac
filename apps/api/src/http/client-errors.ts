import { type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ProblemCode } from './problem.ts'
import { describeUnread } from './unread-problem.ts'

/**
 * What the HTTP parser refuses never becomes a request, and is answered with a problem all the same: once, and
 * in its turn. A request has one answer; whoever reads a second would take it for that of the next one. After
 * `lingerMs` the connection is closed, whatever the client does.
 */
export function answerClientErrors(server: Server, lingerMs: number): void {
  const refuse = (error: NodeJS.ErrnoException, socket: Duplex) => {
    sendRefusal(error, socket)
    closeAfter(lingerMs, socket)
  }

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

function sendRefusal(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, body } = describeUnread(codeOf(error), 'The request could not be read.')
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'))
}

function codeOf({ code }: NodeJS.ErrnoException): ProblemCode {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return 'headers_too_large'
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return 'request_timeout'
    default:
      return 'bad_request'
  }
}

/**
 * That our half is closed does not close theirs: a client that never closes it, or has vanished, would hold the
 * connection for ever. To close at once would reset it where bytes have not been read, and take the answer along.
 */
function closeAfter(lingerMs: number, socket: Duplex): void {
  const timer = setTimeout(() => socket.destroy(), lingerMs)
  timer.unref()
  socket.once('close', () => clearTimeout(timer))
}
