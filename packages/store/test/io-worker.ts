import { openStore } from '../src/open-store.ts'
import { StoreUnavailableError } from '../src/store.ts'
import { StoreFileError } from '../src/store-file-error.ts'
import { db } from '../src/tables.ts'

// The process whose system calls io-errors.test.ts has fail: it prints what was acknowledged and what was refused, a line each.
const [path = ''] = process.argv.slice(2)
const tell = (line: string) => process.stdout.write(`${line}\n`)

try {
  const store = await openStore(path)
  await attempt('first', () => store.write(put('first')))
  await attempt('second', () => store.write(put('second')))
  await attempt('checkpoint', () => store.query('PRAGMA wal_checkpoint(TRUNCATE)', []))
  await attempt('read', () => store.read(db.selectFrom('meta').selectAll()))
  await attempt('third', () => store.write(put('third')))
  await attempt('fourth', () => store.write(put('fourth')))
  store.close()
} catch (error) {
  tell(StoreFileError.of(path, error) === undefined ? `unexpected ${error}` : 'not-opened')
}

function put(key: string) {
  return db.insertInto('meta').values({ key: `io-${key}`, value: 'x'.repeat(3_000) })
}

async function attempt(name: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
    tell(`done ${name}`)
  } catch (error) {
    tell(error instanceof StoreUnavailableError ? `refused ${name}` : `unexpected ${name}: ${error}`)
  }
}
