import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'

export interface ReceivedMail {
  from: string
  /** Every RCPT TO of the envelope. */
  to: string[]
  data: string
}

export interface SmtpPeerOptions {
  /** What to answer to a command (`MAIL`, `RCPT`, `.`) instead of 250. */
  reply?: (command: string) => string | undefined
  /** Takes over a connection entirely: a server that behaves as none should. */
  takeOver?: (socket: Socket) => void
}

/** A mail server on loopback that takes what it is given and remembers the envelope. */
export async function startSmtpPeer(options: SmtpPeerOptions = {}) {
  const mails: ReceivedMail[] = []
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    if (options.takeOver === undefined) converse(socket, mails, options.reply ?? (() => undefined))
    else options.takeOver(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    mails,
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const replies: Record<string, string> = { QUIT: '221 bye\r\n', STAR: '502 no TLS here\r\n' }

function converse(
  socket: Socket,
  mails: ReceivedMail[],
  reply: (command: string) => string | undefined,
): void {
  let unread = ''
  let isData = false
  let mail: ReceivedMail = { from: '', to: [], data: '' }
  socket.write('220 peer ESMTP\r\n')
  socket.on('data', (chunk) => {
    unread += chunk.toString('utf8')
    for (let end = unread.indexOf('\r\n'); end >= 0; end = unread.indexOf('\r\n')) {
      const line = unread.slice(0, end)
      unread = unread.slice(end + 2)
      if (isData && line !== '.') mail.data += `${line}\n`
      else answer(line)
    }
  })

  function answer(line: string): void {
    const command = isData ? '.' : line.slice(0, 4).toUpperCase()
    const refusal = reply(command)
    if (refusal !== undefined) {
      isData = false
      socket.write(`${refusal}\r\n`)
      return
    }
    if (command === 'MAIL') mail = { from: line.slice(10), to: [], data: '' }
    if (command === 'RCPT') mail.to.push(line.slice(8).replace(/^<(.*)>.*$/, '$1'))
    if (command === '.') {
      mails.push(mail)
      isData = false
    }
    if (command === 'DATA') {
      isData = true
      socket.write('354 go on\r\n')
    } else socket.write(replies[command] ?? '250 OK\r\n')
  }
}
