import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** What it does when it has heard a verb, `greeting` before the first, `.` at the end of a message. */
export type Reaction = (verb: string, socket: Socket) => string | undefined

/**
 * A mail server that goes wrong as it is told: it writes what `react` returns, nothing where that is empty, and what is
 * usual where it is `undefined`. Closed when the test has finished.
 */
export async function startRawMailServer(react: Reaction): Promise<{ port: number; verbs: string[] }> {
  const sockets = new Set<Socket>()
  const verbs: string[] = []
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    let isMessage = false
    const hear = (verb: string): void => {
      verbs.push(verb)
      const reply = react(verb, socket) ?? usual[verb] ?? '250 OK'
      isMessage = verb === 'DATA' && reply.startsWith('354')
      if (reply !== '' && !socket.destroyed) socket.write(`${reply}\r\n`)
    }
    hear('greeting')
    const heard = createInterface({ input: socket })
    // Reports the errors of its input once more.
    heard.on('error', () => {})
    heard.on('line', (line) => {
      if (!isMessage) hear(line.slice(0, 4).toUpperCase())
      else if (line === '.') hear('.')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return { port: (server.address() as AddressInfo).port, verbs }
}

const usual: Record<string, string> = {
  greeting: '220 peer ESMTP',
  EHLO: '250-peer\r\n250 AUTH PLAIN',
  AUTH: '235 welcome',
  STAR: '502 not known',
  DATA: '354 go on',
  QUIT: '221 bye',
}
