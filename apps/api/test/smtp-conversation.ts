import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { ReceivedMail, SmtpAct, SmtpPeerOptions, SmtpStep } from './smtp-peer.ts'

interface Conversation extends Pick<SmtpPeerOptions, 'tls' | 'takesLogins' | 'pipelines'> {
  actAt(step: SmtpStep): SmtpAct | undefined
  take(mail: ReceivedMail): void
}

/** The server's side of one connection, from the greeting on. */
export function converse(socket: Socket, conversation: Conversation): void {
  // A client that gives up is what these tests are about.
  socket.on('error', () => {})
  const act = conversation.actAt('greeting')
  if (act === undefined) socket.write('220 peer ESMTP\r\n')
  else perform(act, socket)
  listen(socket, conversation)
}

function listen(socket: Socket, conversation: Conversation): void {
  let unread = ''
  let isData = false
  let hasStopped = false
  let mail: ReceivedMail = { from: '', to: [], data: '' }
  socket.on('data', hear)

  function hear(chunk: Buffer): void {
    unread += chunk.toString('utf8')
    for (let end = unread.indexOf('\r\n'); end >= 0 && !hasStopped; end = unread.indexOf('\r\n')) {
      const line = unread.slice(0, end)
      unread = unread.slice(end + 2)
      const step = stepOf(line)
      const act = step === undefined ? undefined : conversation.actAt(step)
      if (act !== undefined) stepIn(step, act)
      else if (step === 'STARTTLS' && conversation.tls !== undefined) startTls(conversation.tls)
      else goOn(step, line)
    }
  }

  function stepOf(line: string): SmtpStep | undefined {
    if (!isData) return steps.find((step) => line.toUpperCase().startsWith(step))
    if (line === '.') return '.'
    return mail.data === '' ? 'text' : undefined
  }

  function stepIn(step: SmtpStep | undefined, act: SmtpAct): void {
    if (step === '.') {
      isData = false
      // Who has read the whole mail and does not refuse it may well deliver it.
      if (typeof act === 'string' || !('reply' in act) || act.reply.startsWith('2')) conversation.take(mail)
    }
    // Whoever only replies goes on; after anything else no command is answered any more.
    hasStopped = typeof act === 'string' || !('reply' in act)
    perform(act, socket)
  }

  function goOn(step: SmtpStep | undefined, line: string): void {
    if (isData && step !== '.') {
      mail.data += `${line}\n`
      return
    }
    if (step === 'MAIL') mail = { from: line.slice(10), to: [], data: '' }
    if (step === 'RCPT') mail.to.push(line.slice(8).replace(/^<(.*)>.*$/, '$1'))
    if (step === '.') conversation.take(mail)
    isData = step === 'DATA' && mail.to.length > 0
    socket.write(`${replyTo(step)}\r\n`)
  }

  function replyTo(step: SmtpStep | undefined): string {
    const offersTls = conversation.tls !== undefined && !(socket instanceof TLSSocket)
    switch (step) {
      case 'EHLO':
        return [
          '250-peer',
          ...(offersTls ? ['250-STARTTLS'] : []),
          ...(conversation.takesLogins ? ['250-AUTH PLAIN'] : []),
          ...(conversation.pipelines ? ['250-PIPELINING'] : []),
          '250 8BITMIME',
        ].join('\r\n')
      case 'STARTTLS':
        return '502 no TLS here'
      case 'AUTH':
        return '235 welcome'
      case 'DATA':
        return isData ? '354 go on' : '503 5.5.1 no recipients'
      case 'QUIT':
        return '221 bye'
      default:
        return '250 OK'
    }
  }

  function startTls(tls: NonNullable<SmtpPeerOptions['tls']>): void {
    socket.off('data', hear)
    socket.write('220 go ahead\r\n')
    const secured = new TLSSocket(socket, { ...tls, isServer: true })
    secured.on('error', () => {})
    listen(secured, conversation)
  }
}

const steps = ['EHLO', 'HELO', 'STARTTLS', 'AUTH', 'MAIL', 'RCPT', 'DATA', 'RSET', 'QUIT'] as const

function perform(act: SmtpAct, socket: Socket): void {
  if (act === 'hang') return
  if (act === 'hang up') socket.destroy()
  else if ('reply' in act) socket.write(`${act.reply}\r\n`)
  else if ('replyAndHangUp' in act) socket.end(act.replyAndHangUp)
  else if ('flood' in act) flood(socket, act.flood)
  else drip(socket, act)
}

function drip(socket: Socket, { drip: text, everyMs }: { drip: string; everyMs: number }): void {
  let written = 0
  const timer = setInterval(() => socket.write(text[written++ % text.length] ?? ''), everyMs)
  socket.on('close', () => clearInterval(timer))
}

function flood(socket: Socket, bytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, 'x')
  socket.write('220-')
  for (let written = 0; written < bytes; written += chunk.length) socket.write(chunk)
}
