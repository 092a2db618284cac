import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { mailConnections } from '@holdfast/settings'
import { simpleParser } from 'mailparser'
import type { BenchOptions } from './bench-options.ts'
import { readLiveHeapMb } from './live-heap.ts'
import { MailSink } from './mail-sink.ts'
import { askForCodes, startMailingServer } from './mailing-server.ts'
import { peakMemoryMb, readMemoryMb } from './memory.ts'
import type { PlainTask } from './peers/plain-pool.ts'
import { findFreePort, type RunningServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** People who ask for a code. */
const atOnce = 16

/** One server, and the queues that it drained one after another. */
export interface Drains {
  startMemoryMb: number | undefined
  rounds: Drain[]
}

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
  /** The most that the server took while it drained. */
  peakMemoryMb: number | undefined
  /** What it held on its heap while all waited, when half was sent, and when all was. */
  liveHeapMb: { waiting: number; halfway: number; drained: number }
}

/** Lets a queue build up, drains it, and has nodemailer's plain pool send the same to the same mail server. */
export async function measureDrain(
  { queuedMails, mailRounds }: BenchOptions,
  folder: TemporaryFolder,
): Promise<Drains> {
  const [port, inspectorPort] = [await findFreePort(), await findFreePort()]
  const server = await startMailingServer(folder, port, [`--inspect=127.0.0.1:${inspectorPort}`])
  const sink = new MailSink()
  try {
    const startMemoryMb = await readMemoryMb(server.pid)
    const rounds: Drain[] = []
    for (let round = 0; round < mailRounds; round += 1) {
      const recipients = Array.from({ length: queuedMails }, (_, at) => `queued-${round}-${at}@example.com`)
      rounds.push(await drainOnce({ server, sink, port, inspectorPort }, recipients))
    }
    return { startMemoryMb, rounds }
  } finally {
    await Promise.all([server.stop(), sink.end()])
  }
}

interface Parts {
  server: RunningServer
  sink: MailSink
  /** Where the mail server listens when it is up. */
  port: number
  inspectorPort: number
}

async function drainOnce({ server, sink, port, inspectorPort }: Parts, recipients: string[]): Promise<Drain> {
  const mails = recipients.length
  const half = recipients.slice(0, mails / 2)
  await askForCodes(server, recipients, { atOnce })
  const waiting = await readLiveHeapMb(inspectorPort)
  const openedAtMs = await sink.open(port)
  const [{ result, peakMb }, halfway] = await Promise.all([
    peakMemoryMb(server.pid, () => sink.mailsTo(recipients)),
    sink.mailsTo(half).then(() => readLiveHeapMb(inspectorPort)),
  ])
  const copies = sink.mails - mails
  await sink.close()
  return {
    mails,
    drainedInMs: result.lastAtMs - openedAtMs,
    handedOverInMs: result.lastAtMs - result.firstAtMs,
    copies,
    peakMemoryMb: peakMb,
    liveHeapMb: { waiting, halfway, drained: await readLiveHeapMb(inspectorPort) },
    plainInMs: await sendPlainly(sink, port, recipients),
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
