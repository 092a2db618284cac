import { text } from 'node:stream/consumers'
import { SMTPServer } from 'smtp-server'
import { sharedNow } from '../shared-now.ts'

/*
 * The mail server that both senders hand their mails to: a real one, in a process of its own. It listens when it is
 * told to, and tells of each mail.
 */

export type ToSink = { task: 'open'; port: number } | { task: 'close' }

export type FromSink =
  | { event: 'opened'; atMs: number }
  | { event: 'closed' }
  /** Read to its end at that time, on a clock that processes share. The first one comes with its text. */
  | { event: 'mail'; recipient: string; atMs: number; text?: string }

let server: SMTPServer | undefined

process.on('message', (told: ToSink) => {
  if (told.task === 'close') server?.close(() => tell({ event: 'closed' }))
  else open(told.port)
})
process.on('disconnect', () => process.exit())

function open(port: number): void {
  let isFirst = true
  server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onData(stream, session, done) {
      text(stream).then((mail) => {
        const recipient = session.envelope.rcptTo[0]?.address ?? ''
        tell({ event: 'mail', recipient, atMs: sharedNow(), ...(isFirst ? { text: mail } : {}) })
        isFirst = false
        done()
      }, done)
    },
  })
  server.on('error', () => {})
  server.listen(port, '127.0.0.1', () => tell({ event: 'opened', atMs: sharedNow() }))
}

function tell(event: FromSink): void {
  process.send?.(event)
}
