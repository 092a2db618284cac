import { Command } from 'commander'
import { printReport, type ReportOptions } from '../report.ts'
import { readSettings } from '../settings.ts'
import { readingStore } from '../store-to-read.ts'
import { type WhyOptions, why } from './why.ts'
import { whyHelp } from './why-help.ts'

export function whyCommand(): Command {
  return new Command('why')
    .description('what happened to a code or a sign-in, from the reference that the person reads out')
    .argument('<reference...>', 'such as HF-7K3M-9QXP, or the id of a sign-in')
    .option('--all', 'every line, also of many that are alike')
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', whyHelp)
    .showHelpAfterError('(--help says what there is)')
    .action((words: string[], options: ReportOptions & WhyOptions) =>
      printReport(options, async () => {
        const settings = readSettings(process.env)
        return readingStore(settings.storePath, (store) =>
          why(store, words.join(' '), { ...options, settings, nowMs: Date.now() }),
        )
      }),
    )
}
