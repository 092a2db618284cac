import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Installation, Visitor } from '@holdfast/drill'
import { expect, onTestFinished, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, problemOf, signedInView, signIn } from '../src/sign-in.ts'

/** Locks the store for writing from another process than the server's: this one. */
function lockStore(holdfast: Installation): { release(): void } {
  const database = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { timeout: 5_000 })
  database.exec('BEGIN IMMEDIATE')
  let isLocked = true
  const release = () => {
    if (isLocked) database.close()
    isLocked = false
  }
  onTestFinished(release)
  return { release }
}

test('a store that is locked for long answers 503 without a cookie, and nobody is signed out by it', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, server)
  const issued = visitor.setCookies.length
  await server.process.log(({ message }) => message === 'code sent')

  const lock = lockStore(holdfast)
  const refused = problemOf(await visitor.at(server).verify({ code }))
  expect(refused).toMatchObject({ code: 'store_unavailable', status: 503, retryAfterInSeconds: 2 })
  expect(visitor.setCookies).toHaveLength(issued)
  lock.release()

  signedInView(await visitor.at(server).verify({ code }))
})

test('a person who asks for a code while the store is locked gets a 503 and no cookie, and may ask again', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const visitor = new Visitor()

  const lock = lockStore(holdfast)
  const refused = problemOf(await visitor.at(server).send({ email: 'ada@example.com' }))
  expect(refused).toMatchObject({ code: 'store_unavailable', status: 503 })
  expect(visitor.setCookies).toEqual([])
  lock.release()

  expect(await visitor.at(server).send({ email: 'ada@example.com' })).toMatchObject({ ok: true })
})

test('a store that was replaced while the server was down leaves its people anonymous, with the reason', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor } = await signIn(holdfast, first)
  await first.process.stop()
  await rename(join(holdfast.dataFolder, 'holdfast.db'), join(holdfast.folder, 'away.db'))

  const second = await holdfast.start()

  expect(await visitor.at(second).session()).toMatchObject({ view: { state: 'anonymous' } })
  expect(await visitor.reasonAt(second)).toBe('store_replaced')
})
