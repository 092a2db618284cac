import { measureAnswerTimes } from './answer-times.ts'
import { type BenchName, parseBenchOptions } from './bench-options.ts'
import { measureCommitRates } from './commit-rate.ts'
import { measureFsync } from './fsync-time.ts'
import { measureGrowth } from './growth.ts'
import { measureHandOvers } from './hand-over.ts'
import { measureKeyRingSizes } from './key-ring-size.ts'
import type { LoadRound } from './load-round.ts'
import { mailRows } from './mail-rows.ts'
import { measureDrain } from './outbox-drain.ts'
import { pageRows } from './page-rows.ts'
import { measurePage } from './page-score.ts'
import { printProfiles } from './profile.ts'
import { measurePurge } from './purge-load.ts'
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
import { commitRows, growthRows, purgeRows } from './store-rows.ts'
import { TemporaryFolder } from './temporary-folder.ts'

/** What one benchmark has found: the lines of the report, and what they were made of. */
interface Measured {
  rows: ResultRow[]
  all: unknown
  loads?: LoadRound[]
}

const options = parseBenchOptions(process.argv.slice(2))
const folder = new TemporaryFolder()
// `exit` is where the folder goes, and a signal alone does not lead there.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const benches: Record<BenchName, { says: string; measure: () => Promise<Measured> }> = {
  checks: {
    says: 'Checking sessions',
    async measure() {
      const all = await measureSessionCheck(options, folder)
      return { rows: sessionCheckRows(all), all, loads: Object.values(all).flat() }
    },
  },
  'sign-ins': {
    says: 'Signing in',
    async measure() {
      const all = await measureSignIns(options, folder)
      return { rows: signInRows(all), all, loads: Object.values(all).flat() }
    },
  },
  starts: {
    says: 'Starting',
    async measure() {
      const all = await measureStarts(options, folder)
      return { rows: startRows(all), all }
    },
  },
  'key-rings': {
    says: 'Growing the key ring',
    async measure() {
      const all = await measureKeyRingSizes(options, folder)
      return { rows: keyRingRows(all), all }
    },
  },
  commits: {
    says: 'Committing',
    async measure() {
      const all = await measureCommitRates(options, folder)
      return { rows: commitRows(all), all }
    },
  },
  growth: {
    says: 'Growing the store',
    async measure() {
      const all = await measureGrowth(options, folder)
      return {
        rows: growthRows(all),
        all,
        loads: all.flatMap(({ checks, signIns }) => [...checks, ...signIns]),
      }
    },
  },
  purge: {
    says: 'Purging',
    async measure() {
      const all = await measurePurge(options, folder)
      return { rows: purgeRows(all), all }
    },
  },
  mails: {
    says: 'Mailing',
    async measure() {
      const drains = await measureDrain(options, folder)
      const handOversMs = await measureHandOvers(options, folder)
      const answers = await measureAnswerTimes(options, folder)
      return { rows: mailRows(drains, handOversMs, answers), all: { drains, handOversMs, answers } }
    },
  },
  page: {
    says: 'Opening the page',
    async measure() {
      const all = await measurePage(options, folder)
      return { rows: pageRows(all), all }
    },
  },
}

if (options.isProfile) {
  await printProfiles(options, folder)
} else {
  const fsyncMs = measureFsync(folder.path)
  const measured: Measured[] = []
  for (const name of options.names) {
    console.log(`${benches[name].says} ...`)
    const one = await benches[name].measure()
    measured.push(one)
    // Whoever interrupts a long run has what it found until then.
    console.log(`${formatReport(one.rows)}\n`)
  }
  const loads = measured.flatMap((one) => one.loads ?? [])
  const rows = [...measured.flatMap((one) => one.rows), ...machineRows(fsyncMs, loads)]
  const rounds = Object.fromEntries(options.names.map((name, at) => [name, measured[at]?.all]))
  const path = await writeResults({ options, rows, rounds })
  console.log(`\n${formatReport(rows)}\n\nAll rounds: ${path}`)
  const missed = rows.filter(({ isMet }) => isMet === false)
  if (missed.length > 0) {
    console.error(`Goals that were not met: ${missed.map(({ what }) => what).join('; ')}`)
    process.exitCode = 1
  }
}
