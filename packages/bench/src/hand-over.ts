import type { BenchOptions } from './bench-options.ts'
import { MailSink } from './mail-sink.ts'
import { askForCodes, startMailingServer } from './mailing-server.ts'
import { findFreePort } from './server-process.ts'
import { sharedNow } from './shared-now.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

/** Fewer than the pool has connections, each of whom waits for the mail: its way is measured, and no queue. */
const atOnce = 4
const warmUpMails = 300

/** Milliseconds from each 202 until the mail server has the whole mail; 0 where that was there first. */
export async function measureHandOvers(
  { handedOverMails }: BenchOptions,
  folder: TemporaryFolder,
): Promise<number[]> {
  const sink = new MailSink()
  const port = await findFreePort()
  const server = await startMailingServer(folder, port)
  const addresses = Array.from(
    { length: warmUpMails + handedOverMails },
    (_, at) => `asking-${at}@example.com`,
  )
  const times: number[] = []
  try {
    await sink.open(port)
    await askForCodes(server, addresses, {
      atOnce,
      async afterwards(address) {
        const acceptedAtMs = sharedNow()
        times.push(Math.max(0, (await sink.mailTo(address)) - acceptedAtMs))
      },
    })
    return times.slice(warmUpMails)
  } finally {
    await server.stop()
    await sink.end()
  }
}
