import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { canInject } from '../src/injected-fault.ts'
import { expectSignedIn, Person } from '../src/person.ts'
import { Site } from '../src/site.ts'
import type { Replacement } from './protections.ts'
import { readAnswers, type TracedAnswer } from './synced-answers.ts'

/*
 * A power cut loses what the kernel has not brought to the disk yet, which no kill of a process can show. What can be
 * seen is the order of the system calls: before an answer leaves, everything that was written is synced.
 */

const replacing = pathToFileURL(join(import.meta.dirname, 'replaced-source.mjs')).href
const openSqliteFile = new URL('../../store/src/open-sqlite-file.ts', import.meta.url).pathname
const traced = 'pwrite64,fdatasync,fsync,write,writev,sendto,sendmsg'

/** Has people sign in and out, and gives the answers that a trace of the server shows; with other source, if given. */
async function traceAnswers(
  how: 'together' | 'in turns',
  replaced: Replacement[] = [],
): Promise<TracedAnswer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-trace-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const trace = join(folder, 'trace')
  const list = join(folder, 'replaced.json')
  await writeFile(list, JSON.stringify(replaced))
  const site = await Site.open({
    name: 'traced',
    processes: 1,
    settings: { NODE_OPTIONS: `--import=${replacing}`, HOLDFAST_DRILL_REPLACED: list },
    // The tracer stands aside, so that signals reach the server; only the main thread is watched.
    under: [
      'strace',
      '-D',
      '-qq',
      '-y',
      '-s',
      '24',
      '-e',
      `trace=${traced}`,
      '-e',
      'signal=none',
      '-o',
      trace,
    ],
  })
  onTestFinished(() => site.close())
  const people = Array.from({ length: 8 }, (_, at) => new Person(site, `person-${at}`))
  if (how === 'together') await Promise.all(people.map(comeAndGo))
  else for (const person of people) await comeAndGo(person)
  await site.stop(0)
  return readAnswers(await readFile(trace, 'utf8'))
}

async function comeAndGo(person: Person): Promise<void> {
  await person.askForCode()
  expectSignedIn(await person.enterCode())
  await person.untilKnown('logout', (client) => client.logout())
}

const statuses = (answers: readonly TracedAnswer[]) => answers.map(({ status }) => status).sort()
const everybodys = [200, 202, 204].flatMap((status) => Array.from({ length: 8 }, () => status))

describe.skipIf(!canInject)('before an answer leaves (skipped where strace cannot run)', () => {
  test('what it acknowledges is on the disk, with a sync of its own when requests come in turns', async () => {
    const answers = await traceAnswers('in turns')

    expect(statuses(answers)).toEqual(everybodys)
    expect(answers.filter(({ isAheadOfDisk }) => isAheadOfDisk)).toEqual([])
    expect(answers.filter(({ syncs }) => syncs === 0)).toEqual([])
  })

  test('what it acknowledges is on the disk, also when requests come together and share their syncs', async () => {
    const answers = await traceAnswers('together')

    expect(statuses(answers)).toEqual(everybodys)
    expect(answers.filter(({ isAheadOfDisk }) => isAheadOfDisk)).toEqual([])
    const syncs = answers.reduce((sum, answer) => sum + answer.syncs, 0)
    process.stdout.write(`${syncs} syncs for ${answers.length} acknowledged writes that came together\n`)
    expect(syncs).toBeGreaterThan(0)
  })

  test.each(['NORMAL', 'OFF'])(
    'nothing is certain with synchronous=%s, and this check notices',
    async (mode) => {
      const replaced = [
        { path: openSqliteFile, find: 'PRAGMA synchronous = FULL', put: `PRAGMA synchronous = ${mode}` },
      ]

      const answers = await traceAnswers('in turns', replaced)

      expect(statuses(answers)).toEqual(everybodys)
      expect(answers.filter(({ isAheadOfDisk }) => isAheadOfDisk)).toHaveLength(answers.length)
    },
  )
})
