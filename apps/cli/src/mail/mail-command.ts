import { Command } from 'commander'
import { parseAddress } from '../parse-address.ts'
import { printReport, type ReportOptions } from '../report.ts'
import * as help from './mail-help.ts'
import { readMailSettings } from './mail-settings.ts'

/** A lookup of a name cannot be called off, and would keep the process for as long as it likes. */
const mostLingerMs = 1_000

export function mailCommand(): Command {
  const mail = new Command('mail')
    .description('the mail server: send a test message, and see each step')
    .addHelpText('after', help.mail)
    .showHelpAfterError('(--help says what there is)')

  mail
    .command('test')
    .description('send a test message as the server sends codes, and say what went wrong')
    .requiredOption('--to <address>', 'whom to send it to', parseAddress)
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', help.test)
    .action(async (options: ReportOptions & { to: string }) => {
      await printReport(options, async () => {
        const settings = await readMailSettings(process.env)
        // Loaded only now: it brings the mail library along.
        const { testMailServer } = await import('./test-mail-server.ts')
        return testMailServer(settings, options.to)
      })
      setTimeout(() => process.exit(), mostLingerMs).unref()
    })
  return mail
}
