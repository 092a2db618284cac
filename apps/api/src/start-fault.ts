/** sysexits.h EX_CONFIG: something is wrong with the configuration, and starting again will not help. */
const configurationFault = 78
/** sysexits.h EX_TEMPFAIL: starting again later may help. */
const temporaryFault = 75

/** The server refuses to start. One clear line a fault, each with its remedy. */
export class StartFault extends Error {
  override readonly name = 'StartFault'
  readonly faults: readonly string[]
  readonly exitCode: number

  constructor(faults: readonly string[], { isTemporary = false }: { isTemporary?: boolean } = {}) {
    super(faults.join('\n'))
    this.faults = faults
    this.exitCode = isTemporary ? temporaryFault : configurationFault
  }
}
