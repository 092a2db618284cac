import { parseBenchOptions } from './bench-options.ts'
import { measureFsync } from './fsync-time.ts'
import { measureKeyRingSizes } from './key-ring-size.ts'
import { printProfiles } from './profile.ts'
import { formatReport } from './report.ts'
import {
  keyRingRows,
  machineRows,
  type ResultRow,
  sessionCheckRows,
  signInRows,
  startRows,
} from './result-row.ts'
import { writeResults } from './results-file.ts'
import { measureSessionCheck } from './session-check.ts'
import { measureSignIns } from './sign-in-load.ts'
import { measureStarts } from './start-time.ts'
import { TemporaryFolder } from './temporary-folder.ts'

const options = parseBenchOptions(process.argv.slice(2))
const folder = new TemporaryFolder()
// `exit` is where the folder goes, and a signal alone does not lead there.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

if (options.isProfile) {
  await printProfiles(options, folder)
} else {
  const fsyncMs = measureFsync(folder.path)
  console.log('Checking sessions ...')
  const sessionChecks = await measureSessionCheck(options, folder)
  console.log('Signing in ...')
  const signIns = await measureSignIns(options, folder)
  console.log('Starting ...')
  const starts = await measureStarts(options, folder)

  console.log('Growing the key ring ...')
  const keyRings = await measureKeyRingSizes(options, folder)

  const rows: ResultRow[] = [
    ...sessionCheckRows(sessionChecks),
    ...signInRows(signIns),
    ...startRows(starts),
    ...keyRingRows(keyRings),
    ...machineRows(fsyncMs, [...Object.values(sessionChecks), ...Object.values(signIns)].flat()),
  ]
  const path = await writeResults({ options, rows, rounds: { sessionChecks, signIns, starts, keyRings } })
  console.log(`\n${formatReport(rows)}\n\nAll rounds: ${path}`)
}
