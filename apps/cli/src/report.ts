import { KeyRingError, KeyWrapperError } from '@holdfast/core'
import { StoreFileError } from '@holdfast/store'
import { CommandError } from './command-error.ts'

/** What a command found or did: `data` for machines, `text` for people. */
export interface Report {
  data: object
  text: string
  /** Other than 0 for a finding that a script is to notice. */
  exitCode?: number
}

export interface ReportOptions {
  json?: boolean
}

/** Runs a command and prints its report or its faults. Sets the exit code of the process. */
export async function printReport(options: ReportOptions, command: () => Promise<Report>): Promise<void> {
  try {
    const { data, text, exitCode = 0 } = await command()
    process.stdout.write(
      options.json === true ? `${JSON.stringify({ ok: exitCode === 0, ...data })}\n` : `${text}\n`,
    )
    process.exitCode = exitCode
  } catch (error) {
    const fault = asCommandError(error)
    if (options.json === true) {
      process.stdout.write(`${JSON.stringify({ ok: false, faults: fault.faults, ...fault.details })}\n`)
    }
    for (const line of fault.faults) process.stderr.write(`holdfast: ${line}\n`)
    process.exitCode = fault.exitCode
  }
}

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error
  if (error instanceof KeyRingError) return CommandError.ofConfiguration(error.faults)
  if (error instanceof KeyWrapperError) {
    return new CommandError(error.isTemporary ? 'temporary' : 'configuration', [error.message])
  }
  if (error instanceof StoreFileError) {
    return new CommandError(error.isTemporary ? 'temporary' : 'configuration', [error.message])
  }
  throw error
}
