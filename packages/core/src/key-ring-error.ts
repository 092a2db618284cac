/** The key ring cannot be used. Each fault says what is wrong with it, never a byte of a key. */
export class KeyRingError extends Error {
  override readonly name = 'KeyRingError'
  readonly faults: readonly string[]
  #isMissing = false

  constructor(...faults: readonly string[]) {
    super(faults.join('; '))
    this.faults = faults
  }

  /** For a place where no ring is. */
  static missing(): KeyRingError {
    const error = new KeyRingError('does not exist')
    error.#isMissing = true
    return error
  }

  /** There is no ring at all, which a first start mends by making one. */
  get isMissing(): boolean {
    return this.#isMissing
  }

  /** The same faults, each beginning with the file or variable that has it. */
  of(source: string): KeyRingError {
    const named = new KeyRingError(...this.faults.map((fault) => `${source} ${fault}`))
    named.#isMissing = this.#isMissing
    return named
  }
}
