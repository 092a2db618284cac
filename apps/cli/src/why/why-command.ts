import { Command } from 'commander'
import { CommandError } from '../command-error.ts'
import { parseAddress } from '../parse-address.ts'
import { parseCount } from '../parse-count.ts'
import { printReport, type ReportOptions } from '../report.ts'
import { readSettings } from '../settings.ts'
import { readingStore } from '../store-to-read.ts'
import { type WhyOptions, why } from './why.ts'
import { whyHelp } from './why-help.ts'
import { whyOfAddress } from './why-of-address.ts'

interface WhyCommandOptions extends ReportOptions, WhyOptions {
  email?: string
  limit: number
}

export function whyCommand(): Command {
  return new Command('why')
    .description(
      'what happened to a code or a sign-in, from the reference that the person reads out, or from an address',
    )
    .argument('[reference...]', 'such as HF-7K3M-9QXP, or the id of a sign-in')
    .option('--email <address>', 'list what there is of an address, the newest first', parseAddress)
    .option('--limit <count>', 'of an address, so many at most', parseCount, 20)
    .option('--all', 'every line, also of many that are alike')
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', whyHelp)
    .showHelpAfterError('(--help says what there is)')
    .action((words: string[], options: WhyCommandOptions) =>
      printReport(options, async () => {
        const settings = readSettings(process.env)
        const at = { settings, nowMs: Date.now() }
        const { email, limit, all } = options
        if ((email === undefined) === (words.length === 0)) throw sayWhich()
        return readingStore(settings.storePath, (store) =>
          email === undefined
            ? why(store, words.join(' '), { ...at, ...(all === undefined ? {} : { all }) })
            : whyOfAddress(store, { email, limit }, at),
        )
      }),
    )
}

function sayWhich(): CommandError {
  return CommandError.refused(
    'say what to tell of: a reference, the id of a sign-in, or --email and an address',
  )
}
