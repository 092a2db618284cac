import { keyFileSource } from '../src/key-file.ts'
import { addOlderKey } from '../src/key-ring-changes.ts'
import { keyOf } from './rings.ts'

/** What a racing process is sent: load the key file and make it where there is none, or add keys one by one. */
export type RaceOrder = { path: string; add?: readonly string[] }

/** What it answers in the end, and to each change before. */
export type RaceAnswer = { kids: string[]; created: boolean } | { added: string }

const nowMs = 1_000
// Each waits for its turn however slow the disk is: some sixty changes go before the last.
performance.now = () => 0

const answer = (answered: RaceAnswer) => process.send?.(answered)

// One of the processes that key-file-race.test.ts starts together.
process.on('message', async ({ path, add = [] }: RaceOrder) => {
  const source = keyFileSource({ path })
  for (const name of add) {
    await source.change((ring) => addOlderKey(ring, keyOf(name), { nowMs }))
    answer({ added: keyOf(name).kid })
  }
  const { record, created } = await source.load({ create: true, nowMs })
  answer({ kids: record.keys.map((key) => key.kid), created })
})
process.send?.('ready')
