import { type Store, StoreFileError } from '@holdfast/store'
import { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { openExistingStore } from '../existing-store.ts'
import { readIdleMs } from '../idle-time.ts'
import { parseCount } from '../parse-count.ts'
import { printReport, type Report, type ReportOptions } from '../report.ts'
import { readSettings, type Settings } from '../settings.ts'
import { describeLack, readingStore } from '../store-to-read.ts'
import { type EndOptions, endSessions } from './end-sessions.ts'
import { type ListOptions, listSessions } from './list-sessions.ts'
import * as help from './sessions-help.ts'

export function sessionsCommand(): Command {
  const sessions = new Command('sessions')
    .description('the live sign-ins: list them, end them')
    .addHelpText('after', help.sessions)
    .showHelpAfterError('(--help says what there is)')

  sessions
    .command('list')
    .description('the live sign-ins, the one used last first')
    .option('--email <address>', 'of one address')
    .option('--account <id>', 'of one account')
    .option('--before <time>', 'that began before a time, such as 2026-01-31T10:00:00Z')
    .option('--limit <count>', 'so many at most', parseCount, 100)
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', help.list)
    .action((options: ReportOptions & ListOptions) =>
      printReport(options, async () => {
        const settings = readSettings(process.env)
        return readingStore(settings.storePath, async (store) =>
          listSessions(store, options, await liveAt(store, settings)),
        )
      }),
    )

  sessions
    .command('end')
    .description('end sign-ins, at once and for good')
    .argument('[id]', 'one sign-in, as `list` shows it')
    .option('--email <address>', 'those of one address')
    .option('--account <id>', 'those of one account')
    .option('--before <time>', 'those that began before a time, such as 2026-01-31T10:00:00Z')
    .option('--all', 'every one')
    .option('--dry-run', 'only say how many that would be')
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', help.end)
    .action((id: string | undefined, options: ReportOptions & EndOptions) =>
      printReport(options, () =>
        changingStore(readSettings(process.env), async (store, settings) =>
          endSessions(store, id, options, await liveAt(store, settings)),
        ),
      ),
    )
  return sessions
}

async function changingStore(
  settings: Settings,
  work: (store: Store, settings: Settings) => Promise<Report>,
): Promise<Report> {
  const store = await openExistingStore(settings.storePath)
  if (store === undefined) {
    throw CommandError.ofConfiguration([describeLack(settings.storePath, 'no_file')])
  }
  try {
    return await work(store, settings)
  } catch (error) {
    throw StoreFileError.of(settings.storePath, error) ?? error
  } finally {
    store.close()
  }
}

async function liveAt(store: Pick<Store, 'read'>, settings: Settings) {
  return { nowMs: Date.now(), idleMs: await readIdleMs(store, settings) }
}
