import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import {
  canInject,
  canMount,
  createProxiedFetch,
  type RunningServer,
  Visitor,
  withReadOnly,
} from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { failing } from '../src/attached-fault.ts'
import { createInstallation } from '../src/installation.ts'
import { readiness } from '../src/server-metrics.ts'
import { askForCode, handedOver, problemOf, signedInView, signIn } from '../src/sign-in.ts'
import { mountSmallDisk } from '../src/small-disk.ts'

const integrityOf = (path: string) => {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    return database.prepare('PRAGMA integrity_check').all()
  } finally {
    database.close()
  }
}

async function healthOf(server: RunningServer): Promise<number> {
  return (await createProxiedFetch(server.port)(`${server.origin}/healthz`)).status
}

/** Every call that writes, by people with and without a cookie: 503 each, and no cookie is given or taken. */
async function expectWritesRefused(server: RunningServer, people: readonly Visitor[]): Promise<void> {
  for (const person of [...people, new Visitor()]) {
    const issued = person.setCookies.length
    const client = person.at(server)
    for (const call of [
      () => client.send({ email: 'late@example.com' }),
      () => client.verify({ code: '000000' }),
      () => client.logout(),
    ]) {
      const answer = await call()
      // Whoever has no session has nothing to write for some of them.
      if (answer.ok || (answer.problem.status ?? 0) < 500) continue
      expect(answer.problem).toMatchObject({ code: 'store_unavailable', status: 503, retryAfterInSeconds: 2 })
    }
    expect(problemOf(await client.send({ email: 'late@example.com' })).code).toBe('store_unavailable')
    expect(person.setCookies).toHaveLength(issued)
  }
}

describe.skipIf(!canMount)('a small disk (skipped where nothing can be mounted)', () => {
  test('F7: a disk that is full refuses writes, reads go on, and everything works again with the room', async () => {
    const holdfast = await createInstallation({ LIMIT_SENDS_PER_IP_PER_HOUR: '0' })
    const disk = await mountSmallDisk(holdfast.dataFolder, { runIn: holdfast.folder, megabytes: 8 })
    const first = await holdfast.start({ under: disk.under })
    const { visitor, view, ...person } = await signIn(holdfast, first)
    const waiting = await askForCode(holdfast, first)
    for (const { reference } of [person, waiting]) await handedOver({ reference }, first)

    await disk.fill()
    await expectWritesRefused(first, [visitor, waiting.visitor])
    expect(signedInView(await visitor.at(first).session())).toEqual(view)
    expect(await healthOf(first)).toBe(200)
    expect(await readiness(first)).toBe(503)

    await disk.free()
    signedInView(await waiting.visitor.at(first).verify({ code: waiting.code }))
    expect(await readiness(first)).toBe(200)
    await first.process.kill()
    const copy = join(holdfast.folder, 'copy.db')
    for (const suffix of ['', '-wal']) await cp(disk.path(`holdfast.db${suffix}`), `${copy}${suffix}`)
    expect(integrityOf(copy)).toEqual([{ integrity_check: 'ok' }])
    const second = await holdfast.start({ under: disk.under })
    expect(signedInView(await visitor.at(second).session())).toEqual(view)
    signedInView(await waiting.visitor.at(second).session())
  })

  test('a file system that is read-only stops a start in one line, with exit code 78, and changes nothing', async () => {
    const holdfast = await createInstallation()
    await (await holdfast.start()).process.stop()
    const store = join(holdfast.dataFolder, 'holdfast.db')
    const before = await readFile(store)

    const server = holdfast.launch({ under: withReadOnly(holdfast.dataFolder) })

    expect(await server.exited).toBe(78)
    expect(server.stderr).toMatch(/^holdfast cannot start: the store \S+ cannot be (written|opened).*\n$/)
    expect(await readFile(store)).toEqual(before)
  })
})

describe.skipIf(!canInject)(
  'a disk that fails under a running server (skipped where strace cannot run)',
  () => {
    test.each([
      ['fsync', 'EIO'],
      ['pwrite64', 'EIO'],
      ['pwrite64', 'EROFS'],
      ['pwrite64', 'ENOSPC'],
    ])(
      'F9: %s = %s refuses writes and signs nobody out, and the server recovers by itself',
      async (systemCall, error) => {
        const holdfast = await createInstallation()
        const first = await holdfast.start()
        const { visitor, view } = await signIn(holdfast, first)
        const waiting = await askForCode(holdfast, first)

        const end = await failing(first.process.pid, systemCall, error)
        await expectWritesRefused(first, [visitor, waiting.visitor])
        expect(signedInView(await visitor.at(first).session())).toEqual(view)
        expect(await healthOf(first)).toBe(200)
        expect(await readiness(first)).toBe(503)
        await end()

        const { view: signedIn } = {
          view: signedInView(await waiting.visitor.at(first).verify({ code: waiting.code })),
        }
        expect(await readiness(first)).toBe(200)
        await first.process.kill()
        expect(integrityOf(join(holdfast.dataFolder, 'holdfast.db'))).toEqual([{ integrity_check: 'ok' }])
        const second = await holdfast.start()
        expect(signedInView(await visitor.at(second).session())).toEqual(view)
        expect(signedInView(await waiting.visitor.at(second).session())).toEqual(signedIn)
      },
    )
  },
)
