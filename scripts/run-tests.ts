import { spawn } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/*
 * Runs every test of every package through turbo and ends with one line, `N passed, N failed`. Vitest
 * leaves its counts in test-results/vitest.json of each package; a package that should have tests and left
 * none fails the run, as does a skipped test, which must say in its title why this machine cannot run it.
 */

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  numFailedTestSuites: number
  testResults: { name: string; status: string; assertionResults: VitestResult[] }[]
}

interface VitestResult {
  status: string
  fullName: string
  failureMessages: string[]
}

const root = dirname(import.meta.dirname)
const allowedSkip = /\(skipped where /

const packages = await packagesWithTests()
for (const folder of packages) await rm(join(folder, 'test-results'), { recursive: true, force: true })
const exitCode = await run('turbo', [
  'run',
  'test',
  '--continue',
  '--log-order=grouped',
  // Each of them starts processes of its own: more at once only wait for each other.
  '--concurrency=3',
  ...process.argv.slice(2),
])

let passed = 0
let failed = 0
const complaints: string[] = []
for (const folder of packages) {
  const report = await readReport(folder)
  if (report === undefined) {
    complaints.push(`${folder} left no test report`)
    failed += 1
    continue
  }
  passed += report.numPassedTests
  failed += report.numFailedTests
  if (report.numPassedTests + report.numFailedTests === 0) {
    complaints.push(`${folder} ran no test`)
    failed += 1
  }
  for (const file of report.testResults) {
    if (file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')) {
      complaints.push(`${file.name} did not load`)
      failed += 1
    }
    for (const test of file.assertionResults) {
      // Again, at the end: where CI keeps the end of its log only, the report of vitest is not in it.
      if (test.status === 'failed')
        complaints.push(`failed: ${test.fullName}\n${test.failureMessages.join('\n')}`)
      if (test.status !== 'passed' && test.status !== 'failed' && !allowedSkip.test(test.fullName)) {
        complaints.push(`skipped without a reason: ${test.fullName}`)
        failed += 1
      }
    }
  }
}

for (const complaint of complaints) console.error(complaint)
console.log(`${passed} passed, ${failed} failed`)
process.exit(exitCode !== 0 || failed > 0 || complaints.length > 0 || passed === 0 ? 1 : 0)

async function packagesWithTests(): Promise<string[]> {
  const found: string[] = []
  for (const parent of ['packages', 'apps']) {
    for (const name of await readdir(join(root, parent))) {
      const folder = join(root, parent, name)
      const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => undefined)
      if (text !== undefined && JSON.parse(text).scripts?.test !== undefined) found.push(folder)
    }
  }
  return found
}

async function readReport(folder: string): Promise<VitestReport | undefined> {
  const text = await readFile(join(folder, 'test-results', 'vitest.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : JSON.parse(text)
}

function run(command: string, parameters: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, parameters, {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' },
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
