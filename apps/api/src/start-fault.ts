/** sysexits.h: something is wrong with the configuration, and starting again will not help. */
const configurationFault = 78

/** The server refuses to start. One clear line a fault, each with its remedy. */
export class StartFault extends Error {
  override readonly name = 'StartFault'
  readonly faults: readonly string[]
  readonly exitCode = configurationFault

  constructor(faults: readonly string[]) {
    super(faults.join('\n'))
    this.faults = faults
  }
}
