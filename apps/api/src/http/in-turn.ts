import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Exchange = [request: IncomingMessage, response: ServerResponse]

/**
 * Works on the requests of one connection one after the other, as their answers have to go out. All at once, a
 * client that sends many and reads nothing would have a file open and a buffer full for each. Who sends more
 * than `mostAhead` before an answer is cut off; browsers send none.
 */
export function inTurn(mostAhead: number, handle: RequestListener): RequestListener {
  const lines = new WeakMap<Socket, Exchange[]>()

  function begin(socket: Socket, [request, response]: Exchange): void {
    response.once('close', () => beginNext(socket))
    handle(request, response)
  }

  function beginNext(socket: Socket): void {
    const next = lines.get(socket)?.shift()
    if (next === undefined) lines.delete(socket)
    // A connection that closes takes no further answer, and nothing is begun that could not be told of.
    else if (socket.writable) begin(socket, next)
  }

  return function waitForTurn(request, response) {
    const { socket } = request
    // It was read together with the request too many.
    if (socket.destroyed) return
    const line = lines.get(socket)
    if (line === undefined) {
      lines.set(socket, [])
      begin(socket, [request, response])
    } else if (line.length < mostAhead) line.push([request, response])
    else socket.destroy()
  }
}
