import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { hangingMs } from './hanging.ts'

export interface RawAnswer {
  text: string
  /** The statuses of all answers on the connection, in order; one may follow a body without a line between. */
  statuses: number[]
}

/**
 * Sends bytes as they are and reads until the server closes the connection. Rejects when it does not: a server
 * that keeps a connection it cannot understand is open to smuggling.
 */
export function exchangeRaw(port: number, bytes: string | Buffer): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the server kept the connection open after: ${text.slice(0, 200)}`))
    }, hangingMs)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    // A server that closes while it is still being written to resets the connection.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
      resolve({ text, statuses })
    })
  })
}

/** Resolves once the connection is closed, in order or by a reset. */
export function closing(socket: Socket): Promise<void> {
  // A server that closes while it is still being written to resets the connection.
  socket.on('error', () => {})
  return new Promise((resolve) => socket.once('close', () => resolve()))
}

/** A connection that stays open: what it was answered so far, the first sign of an answer, and its end. */
export async function openConnection(port: number) {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
  })
  const answer = new Promise<void>((resolve) => socket.once('data', () => resolve()))
  const closed = closing(socket)
  await once(socket, 'connect')
  return { socket, closed, answer, answered: () => text }
}
