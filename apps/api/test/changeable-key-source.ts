import { type KeyRingRecord, type KeySource, keyRingFromTexts } from '@holdfast/core'

/** A key source whose ring the test changes, as an operator changes what is deployed. Only a look at it tells. */
export class ChangeableKeySource implements KeySource {
  readonly name = 'SECRET_KEY'
  #record: KeyRingRecord

  constructor(signer: string, ...older: string[]) {
    this.#record = recordOf(signer, ...older)
  }

  /** The first secret signs and the others verify. */
  use(signer: string, ...older: string[]): void {
    this.#record = recordOf(signer, ...older)
  }

  async load() {
    return { record: this.#record, created: false, concerns: [] }
  }

  async change(change: (record: KeyRingRecord) => KeyRingRecord): Promise<KeyRingRecord> {
    this.#record = change(this.#record)
    return this.#record
  }
}

export function recordOf(signer: string, ...older: string[]): KeyRingRecord {
  return keyRingFromTexts({
    signer: { name: 'SECRET_KEY', text: signer },
    fallbacks: { name: 'SECRET_KEY_FALLBACKS', text: older.join() },
  })
}
