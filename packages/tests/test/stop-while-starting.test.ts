import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createProxiedFetch, findFreePort, type Installation, type RunningServer } from '@holdfast/drill'
import { expect, onTestFinished, test } from 'vitest'
import { beginRequest } from '../src/begun-request.ts'
import { createInstallation } from '../src/installation.ts'

const neighbours = 2_000

/** Servers of which it cannot be told that they are gone: the next start looks at each before it is recorded. */
function addNeighbours(store: DatabaseSync, storePath: string): void {
  const add = store.prepare('INSERT INTO meta (key, value) VALUES (?, ?)')
  store.exec('BEGIN')
  for (let at = 0; at < neighbours; at++) {
    const instance = `neighbour-${at}`
    writeFileSync(`${storePath}-running-${instance}`, 'no mark that can be read'.repeat(50))
    add.run(`running:${instance}`, JSON.stringify({ instance, version: '1', pid: 1, startedAtMs: 0 }))
  }
  store.exec('COMMIT')
}

function lifeEvents(store: DatabaseSync): unknown[] {
  const rows = store.prepare("SELECT event FROM ledger WHERE event LIKE 'server_%' ORDER BY id").all()
  return rows.map(({ event }) => event)
}

/** Resolves once the server answers, which is before it says that it is ready. */
async function answers({ process, origin, port }: RunningServer): Promise<void> {
  let hasEnded = false
  void process.exited.then(() => {
    hasEnded = true
  })
  const ask = () =>
    createProxiedFetch(port)(`${origin}/healthz`).then(
      ({ ok }) => ok,
      () => false,
    )
  while (!(await ask())) {
    if (hasEnded) throw new Error(`the server ended before it answered; it wrote:\n${process.output}`)
  }
}

/** Starts a server that serves already, and whose start cannot be recorded while the store is held. */
async function startHeld(holdfast: Installation) {
  const first = await holdfast.start()
  expect(await first.process.stop()).toBe(0)
  const storePath = join(holdfast.dataFolder, 'holdfast.db')
  const store = new DatabaseSync(storePath, { timeout: 5_000 })
  onTestFinished(() => store.close())
  addNeighbours(store, storePath)
  for (;;) {
    const before = lifeEvents(store)
    const port = await findFreePort()
    const process = holdfast.launch({ env: { PORT: String(port) } })
    const server = { process, port, origin: `http://localhost:${port}` }
    await answers(server)
    store.exec('BEGIN IMMEDIATE')
    const letGo = () => store.exec('ROLLBACK')
    if (lifeEvents(store).length === before.length) return { server, store, before, letGo }
    // It was faster than this test.
    letGo()
    await process.ready()
    await process.stop()
  }
}

test('SIGTERM to a server whose start is not recorded yet answers what is under way, and tells start and stop', async () => {
  const { server, store, before, letGo } = await startHeld(await createInstallation())
  const begun = await beginRequest(server, '/auth/otp/send', { email: 'ada@example.com' })

  const exited = server.process.stop()
  await server.process.log(({ message }) => message === 'stopping')
  letGo()

  expect((await begun.finish()).status).toBe(202)
  expect(await exited).toBe(0)
  expect(lifeEvents(store)).toEqual([...before, 'server_started', 'server_stopped'])
  expect(server.process.output).not.toContain('Holdfast is ready')
})

test('SIGTERM to a server that cannot record its start ends it all the same, and leaves nothing to tell', async () => {
  const { server, store, before, letGo } = await startHeld(await createInstallation())

  expect(await server.process.stop()).toBe(0)

  letGo()
  expect(server.process.stderr).toBe('')
  expect(lifeEvents(store)).toEqual(before)
})

test('a start that cannot be recorded as another program holds the store ends with one line and exit 75', async () => {
  const { server, letGo } = await startHeld(await createInstallation())

  expect(await server.process.exited).toBe(75)
  letGo()

  expect(server.process.stderr).toMatch(
    /^holdfast cannot start: the store \S+ is held by another process; try again\n$/,
  )
})
