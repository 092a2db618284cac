import { Command } from 'commander'
import { printReport, type ReportOptions } from '../report.ts'
import { readSettings } from '../settings.ts'
import { type DoctorOptions, examine } from './doctor.ts'
import { doctorHelp } from './doctor-help.ts'

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('what is durable, what would be lost, and what is not well; for people and for monitoring')
    .option('--quick', 'a quick check of the file instead of every page and index')
    .option('--json', 'one line of JSON, for machines')
    .addHelpText('after', doctorHelp)
    .showHelpAfterError('(--help says what there is)')
    .action((options: ReportOptions & DoctorOptions) =>
      printReport(options, () => examine(readSettings(process.env), Date.now(), options)),
    )
}
