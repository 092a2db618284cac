import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { StartFault } from '../start-fault.ts'
import { answerClientErrors } from './client-errors.ts'
import { inTurn } from './in-turn.ts'
import { describeUnread } from './unread-problem.ts'

const sweepMs = 50
/** Connections that the system keeps until they are taken. Of Node's 511, a burst loses those beyond for seconds. */
const backlog = 4_096

/** What one client may take of the server. (ASVS 13.1.3) */
export interface ServerLimits {
  /** From the connection, or the end of the request before, until the headers are there. */
  headersMs: number
  /** The same until the body is there. */
  requestMs: number
  /** From the headers, or the answer before, until the client has taken the whole answer. */
  answerMs: number
  /** How long a connection may lie idle after an answer. */
  idleMs: number
  /** How long a client whose request could not be read has to take its answer. */
  lingerMs: number
  /** How often connections are held against these times. */
  checkMs: number
  requestsPerConnection: number
  /** Requests on one connection that wait for the answer to the one before. */
  requestsAhead: number
  /** Of all clients together. */
  connections: number
}

const defaultLimits: ServerLimits = {
  headersMs: 10_000,
  requestMs: 15_000,
  answerMs: 60_000,
  idleMs: 5_000,
  lingerMs: 2_000,
  checkMs: 1_000,
  requestsPerConnection: 1_000,
  requestsAhead: 64,
  connections: 5_000,
}

/** An HTTP server with the limits that cut off a slow or a greedy client. It handles nothing yet. */
export function createHttpServer(changed: Partial<ServerLimits> = {}): Server {
  const limits = { ...defaultLimits, ...changed }
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkMs,
    keepAliveTimeout: limits.idleMs,
    maxHeaderSize: 8_192,
    // A request without a Host is answered by the host check, with a problem.
    requireHostHeader: false,
  })
  server.maxConnections = limits.connections
  // Where every place is taken, those that nobody uses are given up for the next who comes.
  server.on('drop', () => server.closeIdleConnections())
  server.on('request', closeAfter(limits.requestsPerConnection))
  answerClientErrors(server, limits.lingerMs)
  server.on('checkExpectation', answerExpectation)
  return server
}

/** Has the requests answered, each connection's in turn. */
export function serve(server: Server, handle: RequestListener, changed: Partial<ServerLimits> = {}): void {
  const { requestsAhead, answerMs } = { ...defaultLimits, ...changed }
  const handleInTurn = inTurn(requestsAhead, (request, response) => {
    cutOffSlowReader(request, response, answerMs)
    handle(request, response)
  })
  server.on('request', handleInTurn)
}

/** Node's own limit announces the close and does not close: whoever goes on is answered a bare 503 each time. */
function closeAfter(requestsPerConnection: number): RequestListener {
  const counts = new WeakMap<Socket, number>()
  return function countRequest({ socket }, response) {
    const count = (counts.get(socket) ?? 0) + 1
    counts.set(socket, count)
    if (count >= requestsPerConnection) response.setHeader('Connection', 'close')
  }
}

/** Node has no limit for this: a client that reads nothing, or a byte now and then, would stay for ever. */
function cutOffSlowReader({ socket }: IncomingMessage, response: ServerResponse, answerMs: number): void {
  const timer = setTimeout(() => socket.destroy(), answerMs)
  response.once('close', () => clearTimeout(timer))
}

/** Resolves with the port once the server listens. */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explainListen(error, port, host)))
    server.listen({ port, host, backlog }, () => {
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
  const { status, headers, body } = describeUnread(
    'expectation_failed',
    'This server meets no such expectation.',
  )
  response.writeHead(status, headers)
  response.end(body)
}
