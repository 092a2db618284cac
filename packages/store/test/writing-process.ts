import { once } from 'node:events'
import { openStore } from '../src/open-store.ts'
import { db } from '../src/tables.ts'

/** What the process tells when it is asked to stop. */
export interface WritingReport {
  keys: string[]
  failed: number
  longestWaitMs: number
}

// One of the processes that write to one store, as fast as it lets them: `inFlight` writes at a time.
const [path = '', name = '', inFlight = '4'] = process.argv.slice(2)
const store = await openStore(path)
const report: WritingReport = { keys: [], failed: 0, longestWaitMs: 0 }
let isOver = false

async function writeOn(writer: number): Promise<void> {
  for (let count = 0; !isOver; count++) {
    const key = `${name}-${writer}-${count}`
    const startedAtMs = performance.now()
    try {
      await store.write(db.insertInto('meta').values({ key, value: name }))
      report.keys.push(key)
      process.send?.('written')
    } catch {
      report.failed += 1
    }
    report.longestWaitMs = Math.max(report.longestWaitMs, performance.now() - startedAtMs)
  }
}

process.send?.('ready')
await once(process, 'message')
const writing = Promise.all(Array.from({ length: Number(inFlight) }, (_, writer) => writeOn(writer)))
await once(process, 'message')
isOver = true
await writing
store.close()
process.send?.(report)
process.disconnect()
