/** sysexits.h EX_CONFIG and EX_TEMPFAIL, as the server uses them. */
const exitCodes = { refused: 1, configuration: 78, temporary: 75 } as const

/** A command did not do what it was asked for, and says why: one line a fault, each with its remedy. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly faults: readonly string[]
  readonly exitCode: number
  /** What a machine wants to know beside the lines. */
  readonly details: object

  constructor(kind: keyof typeof exitCodes, faults: readonly string[], details: object = {}) {
    super(faults.join('\n'))
    this.faults = faults
    this.exitCode = exitCodes[kind]
    this.details = details
  }

  static ofConfiguration(faults: readonly string[]): CommandError {
    return new CommandError('configuration', faults)
  }

  static refused(fault: string, details: object = {}): CommandError {
    return new CommandError('refused', [fault], details)
  }
}
