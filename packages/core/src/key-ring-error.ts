/** The key ring cannot be used. Each fault says what is wrong with it, never a byte of a key. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
  readonly faults: readonly string[]

  constructor(...faults: readonly string[]) {
    super(faults.join('; '))
    this.faults = faults
  }

  /** The same faults, each beginning with the file or variable that has it. */
  of(source: string): KeyRingError {
    return new KeyRingError(...this.faults.map((fault) => `${source} ${fault}`))
  }
}
