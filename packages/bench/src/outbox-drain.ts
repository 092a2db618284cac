import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { mailConnections } from '@holdfast/settings'
import { simpleParser } from 'mailparser'
import type { BenchOptions } from './bench-options.ts'
import { MailSink } from './mail-sink.ts'
import { askForCodes, startMailingServer } from './mailing-server.ts'
import { peakMemoryMb, readMemoryMb } from './memory.ts'
import type { PlainTask } from './peers/plain-pool.ts'
import { findFreePort } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** People who ask for a code. */
const atOnce = 16

/** Codes that were asked for while the mail server was down, and how long they took once it was up. */
export interface Drain {
  mails: number
  /** From the moment the mail server listens to the last mail. */
  drainedInMs: number
  /** From the first mail to the last: without the time until the outbox noticed. */
  handedOverInMs: number
  /** Mails that came a second time. */
  copies: number
  /** The same mails, from the first call to the last mail. */
  plainInMs: number
  memoryMb: {
    start: number | undefined
    queued: number | undefined
    peak: number | undefined
    end: number | undefined
  }
}

/** Lets a queue build up, drains it, and has nodemailer's plain pool send the same to the same mail server. */
export async function measureDrain(
  { queuedMails, mailRounds }: BenchOptions,
  folder: TemporaryFolder,
): Promise<Drain[]> {
  const sink = new MailSink()
  try {
    const rounds: Drain[] = []
    for (let round = 0; round < mailRounds; round += 1) {
      rounds.push(await drainOnce(sink, folder, queuedMails))
    }
    return rounds
  } finally {
    await sink.end()
  }
}

async function drainOnce(sink: MailSink, folder: TemporaryFolder, mails: number): Promise<Drain> {
  const port = await findFreePort()
  const server = await startMailingServer(folder, port)
  try {
    const recipients = Array.from({ length: mails }, (_, at) => `queued-${at}@example.com`)
    const start = await readMemoryMb(server.pid)
    await askForCodes(server, recipients, { atOnce })
    const queued = await readMemoryMb(server.pid)
    const openedAtMs = await sink.open(port)
    const { result, peakMb: peak } = await peakMemoryMb(server.pid, () => sink.mailsTo(recipients))
    const copies = sink.mails - mails
    await sink.close()
    return {
      mails,
      drainedInMs: result.lastAtMs - openedAtMs,
      handedOverInMs: result.lastAtMs - result.firstAtMs,
      copies,
      plainInMs: await sendPlainly(sink, port, recipients),
      memoryMb: { start, queued, peak, end: await readMemoryMb(server.pid) },
    }
  } finally {
    await server.stop()
  }
}

/** The same mails, to the same mail server. */
async function sendPlainly(sink: MailSink, port: number, recipients: string[]): Promise<number> {
  const { from, subject = '', text = '', html } = await simpleParser(sink.sample)
  const sender = fork(fileURLToPath(new URL('./peers/plain-pool.ts', import.meta.url)))
  await sink.open(port)
  const mail = { from: from?.text ?? '', subject, text, html: html || '' }
  const sent = once(sender, 'message')
  sender.send({ port, connections: mailConnections, recipients, mail } satisfies PlainTask)
  const [[{ startedAtMs }], { lastAtMs }] = await Promise.all([sent, sink.mailsTo(recipients)])
  const exited = once(sender, 'exit')
  sender.disconnect()
  await Promise.all([exited, sink.close()])
  return lastAtMs - startedAtMs
}
