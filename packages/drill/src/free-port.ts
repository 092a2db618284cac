import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'

/**
 * A port of this machine that stays free for a minute for whoever is told of it: a connection over it was just closed from
 * its own side, so that the system gives it to nobody who asks for any port. (RFC 9293 section 3.6.1, TIME-WAIT)
 */
export async function findFreePort(): Promise<number> {
  const server = createServer((socket) => socket.end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const socket = connect({ port, host: '127.0.0.1' })
  socket.resume()
  await once(socket, 'close')
  server.close()
  await once(server, 'close')
  return port
}
