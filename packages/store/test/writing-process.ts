import { once } from 'node:events'
import { DatabaseSync, StatementSync } from 'node:sqlite'
import { openStore } from '../src/open-store.ts'
import { db } from '../src/tables.ts'

/** What the process tells when it is asked to stop. */
export interface WritingReport {
  keys: string[]
  failed: number
  /** How many turns of others a write has waited for, at the most. */
  mostTurnsWaited: number
}

// One of the processes that write to one store, as fast as it lets them: `inFlight` writes at a time.
const [path = '', name = '', inFlight = '4'] = process.argv.slice(2)
// However slow the disk is: what is counted is turns, and not time.
const store = await openStore(path, { mostWaitMs: 600_000 })
const report: WritingReport = { keys: [], failed: 0, mostTurnsWaited: 0 }
let isOver = false

countTurns()
process.send?.('ready')
await once(process, 'message')
const writing = Promise.all(Array.from({ length: Number(inFlight) }, (_, writer) => writeOn(writer)))
await once(process, 'message')
isOver = true
await writing
store.close()
process.send?.(report)
process.disconnect()

async function writeOn(writer: number): Promise<void> {
  for (let count = 0; !isOver; count++) {
    const key = `${name}-${writer}-${count}`
    try {
      await store.write(db.insertInto('meta').values({ key, value: name }))
      report.keys.push(key)
      process.send?.('written')
    } catch {
      report.failed += 1
    }
  }
}

/** Each time that the lock is met, and the store has changed since the time before, somebody else has had a turn. */
function countTurns(): void {
  const observer = new DatabaseSync(path, { readOnly: true })
  const version = observer.prepare('PRAGMA data_version')
  const all = StatementSync.prototype.all as (this: StatementSync, ...parameters: unknown[]) => never
  let seen: unknown
  let turns = 0
  StatementSync.prototype.all = function (this: StatementSync, ...parameters: unknown[]) {
    if (this.sourceSQL !== 'BEGIN IMMEDIATE') return all.apply(this, parameters)
    try {
      const begun = all.apply(this, parameters)
      turns = 0
      return begun
    } catch (error) {
      const found = version.get()?.data_version
      if (found !== seen) turns += 1
      seen = found
      report.mostTurnsWaited = Math.max(report.mostTurnsWaited, turns)
      throw error
    }
  }
}
