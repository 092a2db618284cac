import { createTransport } from 'nodemailer'
import { sharedNow } from '../shared-now.ts'

/*
 * What Holdfast is measured against: nodemailer's pool alone, given everything at once. It keeps no mail anywhere: what
 * it holds when its process dies is lost.
 */

export interface PlainTask {
  port: number
  connections: number
  recipients: string[]
  mail: { from: string; subject: string; text: string; html: string }
}

process.on('message', async ({ port, connections, recipients, mail }: PlainTask) => {
  const transport = createTransport({
    host: '127.0.0.1',
    port,
    pool: true,
    maxConnections: connections,
    ignoreTLS: true,
  })
  const startedAtMs = sharedNow()
  await Promise.all(recipients.map((to) => transport.sendMail({ ...mail, to })))
  transport.close()
  process.send?.({ startedAtMs })
})
process.on('disconnect', () => process.exit())
