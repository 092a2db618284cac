import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { BenchOptions } from './bench-options.ts'
import { MailSink } from './mail-sink.ts'
import { askForCodes, startMailingServer } from './mailing-server.ts'
import { findFreePort } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** Milliseconds from each request for a code to its answer, by what the mail server does. */
export interface AnswerTimes {
  healthy: number[]
  /** Nothing listens where it should be. */
  gone: number[]
  /** It takes the connection, and says nothing. */
  silent: number[]
}

const warmUpRequests = 200
const orders = [
  ['healthy', 'gone', 'silent'],
  ['gone', 'silent', 'healthy'],
  ['silent', 'healthy', 'gone'],
  ['silent', 'gone', 'healthy'],
  ['gone', 'healthy', 'silent'],
  ['healthy', 'silent', 'gone'],
] as const

/**
 * Asks three servers in turns of another order each, so that what the machine does besides, and what a server does
 * behind its answer, falls on all of them alike.
 */
export async function measureAnswerTimes(
  { timedAnswers }: BenchOptions,
  folder: TemporaryFolder,
): Promise<AnswerTimes> {
  const sink = new MailSink()
  const port = await findFreePort()
  const silent = await startSilentServer()
  const servers = {
    healthy: await startMailingServer(folder, port),
    gone: await startMailingServer(folder, await findFreePort()),
    silent: await startMailingServer(folder, silent.port),
  }
  const times: AnswerTimes = { healthy: [], gone: [], silent: [] }
  try {
    await sink.open(port)
    for (let at = 0; at < warmUpRequests + timedAnswers; at += 1) {
      for (const name of orders[at % orders.length] ?? []) {
        const address = `${name}-${at}@example.com`
        const askedAtMs = performance.now()
        await askForCodes(servers[name], [address], { atOnce: 1 })
        if (at >= warmUpRequests) times[name].push(performance.now() - askedAtMs)
        if (name === 'healthy') await sink.mailTo(address)
      }
    }
    return times
  } finally {
    for (const server of Object.values(servers)) await server.stop()
    silent.stop()
    await sink.end()
  }
}

async function startSilentServer() {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}
