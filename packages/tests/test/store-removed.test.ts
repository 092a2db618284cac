import { readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { readiness } from '../src/server-metrics.ts'
import { askForCode, problemOf, signedInView, signIn } from '../src/sign-in.ts'

/** The whole line that says of what happened to the store's file, and what to do. */
const alarm = ({ level, message }: { level: string; message: string }) =>
  level === 'error' && message.includes('under the running server')

test('0.19: a store that is removed under the server loses nothing that was answered: the log says the way back', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, first)
  const waiting = await askForCode(holdfast, first)
  const store = join(holdfast.dataFolder, 'holdfast.db')
  const issued = waiting.visitor.setCookies.length

  await rm(store)
  const refused = problemOf(await waiting.visitor.at(first).verify({ code: waiting.code }))
  const { message } = await first.process.log(alarm)

  expect(refused).toMatchObject({ code: 'store_unavailable', status: 503, retryAfterInSeconds: 2 })
  expect(waiting.visitor.setCookies).toHaveLength(issued)
  expect(signedInView(await visitor.at(first).session())).toEqual(view)
  expect(await readiness(first)).toBe(503)
  expect(first.process.logs.filter(alarm)).toHaveLength(1)

  const [, copy = ''] = /acknowledged is in (\S+): stop the server, remove/.exec(message) ?? []
  expect(await first.process.stop()).toBe(0)
  expect(await readdir(holdfast.dataFolder)).not.toContain('holdfast.db')
  await rm(`${store}-wal`, { force: true })
  await rm(`${store}-shm`, { force: true })
  await rename(copy, store)
  const second = await holdfast.start()

  expect(signedInView(await visitor.at(second).session())).toEqual(view)
  signedInView(await waiting.visitor.at(second).verify({ code: waiting.code }))
  expect(await readiness(second)).toBe(200)
})

test('a store that is replaced under the server is not touched, and the server goes on once its own is back', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)
  const store = join(holdfast.dataFolder, 'holdfast.db')
  await rename(store, join(holdfast.folder, 'away.db'))
  await writeFile(store, 'somebody else put this here')

  expect(problemOf(await visitor.at(server).logout())).toMatchObject({ code: 'store_unavailable' })
  await server.process.log(alarm)
  expect(await readiness(server)).toBe(503)

  await rename(join(holdfast.folder, 'away.db'), store)
  expect(await readiness(server)).toBe(200)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(await visitor.at(server).logout()).toMatchObject({ ok: true })
  await server.process.log(({ message }) => message.includes('is back, the very same file'))
})
