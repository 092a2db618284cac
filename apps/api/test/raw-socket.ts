import { connect } from 'node:net'

export interface RawAnswer {
  text: string
  /** The statuses of all answers on the connection, in order. */
  statuses: number[]
}

/**
 * Sends bytes as they are and reads until the server closes the connection. Rejects when it has not within
 * `withinMs`: a server that keeps a connection it cannot understand is open to smuggling.
 */
export function exchangeRaw(port: number, bytes: string | Buffer, withinMs = 5_000): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => {
      socket.destroy()
      reject(new Error(`the server kept the connection open after: ${text.slice(0, 200)}`))
    }, withinMs)
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
    })
    // A server that closes while it is still being written to resets the connection.
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map((match) => Number(match[1]))
      resolve({ text, statuses })
    })
  })
}
