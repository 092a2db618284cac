import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { generate } from 'selfsigned'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

export interface MailServer {
  port: number
  /** What it was given, as it came. */
  messages: string[]
}

/** A real mail server on this machine, closed when the test has finished. */
export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const messages: string[] = []
  const server = new SMTPServer({
    authOptional: true,
    onData(stream, _session, done) {
      text(stream).then((message) => {
        messages.push(message)
        done(null, 'queued as 7')
      }, done)
    },
    ...options,
  })
  // A client that does not like its certificate hangs up.
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)))
  return { port: (server.server.address() as AddressInfo).port, messages }
}

const hourMs = 3_600_000

/** A certificate for the names, that only those who are told so trust. */
export async function createCertificate(
  names: readonly string[],
  { fromMs = -hourMs, untilMs = 24 * hourMs } = {},
): Promise<{ key: string; cert: string }> {
  const made = await generate([{ name: 'commonName', value: names[0] ?? '' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + fromMs),
    notAfterDate: new Date(Date.now() + untilMs),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: names.map((value) => ({ type: 2 as const, value })) },
    ],
  })
  return { key: made.private, cert: made.cert }
}
