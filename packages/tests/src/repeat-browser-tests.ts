import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/* Runs the browser tests again and again and tells how each run went: `pnpm repeat`, or with how often, `pnpm repeat 5`. */

interface Run {
  passed: number
  failed: number
  faults: string[]
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Report {
  numPassedTests: number
  numFailedTests: number
  testResults: {
    name: string
    status: string
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
const times = parseTimes(process.argv[2] ?? '20')
let goodRuns = 0
for (let at = 1; at <= times; at++) {
  const beganAtMs = performance.now()
  const run = await runOnce()
  const seconds = Math.round((performance.now() - beganAtMs) / 1000)
  const isGood = run.passed > 0 && run.faults.length === 0
  if (isGood) goodRuns += 1
  const word = isGood ? 'passed' : 'FAILED'
  console.log(`run ${at} of ${times} ${word}: ${run.passed} passed, ${run.failed} failed, ${seconds} s`)
  for (const fault of run.faults) console.log(`  ${fault}`)
}
console.log(`${goodRuns} of ${times} runs passed`)
if (goodRuns < times) process.exitCode = 1

function parseTimes(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new TypeError(`expected how often to run, 1 or more, found ${text}`)
}

async function runOnce(): Promise<Run> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-repeat-'))
  try {
    const outputFile = join(folder, 'report.json')
    const words = ['run', 'test/browser', '--reporter=json', `--outputFile=${outputFile}`]
    const vitest = join(packageFolder, 'node_modules/vitest/vitest.mjs')
    const child = spawn(process.execPath, [vitest, ...words], { cwd: packageFolder, stdio: 'ignore' })
    const [exitCode] = await once(child, 'exit')
    const report = await readFile(outputFile, 'utf8').catch(() => undefined)
    const run = report === undefined ? { passed: 0, failed: 0, faults: [] } : readReport(JSON.parse(report))
    // An error outside of every test fails the run and none of its tests, or ends it without a report.
    if (exitCode !== 0 && run.faults.length === 0) run.faults.push(`vitest exited with ${exitCode}`)
    return run
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function readReport({ numPassedTests, numFailedTests, testResults }: Report): Run {
  const faults = testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName, failureMessages }) => `${fullName}: ${firstLine(failureMessages[0])}`)
    const isBroken = status === 'failed' && failed.length === 0
    return isBroken ? [`${name}: ${firstLine(message)}`] : failed
  })
  return { passed: numPassedTests, failed: numFailedTests, faults }
}

function firstLine(text = ''): string {
  return text.split('\n', 1)[0] ?? ''
}
