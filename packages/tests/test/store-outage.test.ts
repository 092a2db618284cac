import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Installation, Visitor } from '@holdfast/drill'
import { expect, onTestFinished, test } from 'vitest'
import { beginRequest } from '../src/begun-request.ts'
import { createInstallation } from '../src/installation.ts'
import { askForCode, handedOver, problemOf, signedInView, signIn } from '../src/sign-in.ts'

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

test('while the store is locked what needs no write is answered as ever, and the rest is 503 in five seconds, without a cookie', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const settled = await signIn(holdfast, server)
  const waiting = await askForCode(holdfast, server)
  for (const person of [settled, waiting]) await handedOver(person, server)
  const { visitor: resident, view } = settled
  const { visitor, code } = waiting
  const issued = visitor.setCookies.length
  const newcomer = new Visitor()

  const lock = lockStore(holdfast)
  const startedAtMs = performance.now()
  const refusing = visitor.at(server).verify({ code })
  const asking = newcomer.at(server).send({ email: 'ada@example.com' })
  let rounds = 0
  let isRefused = false
  const refused = refusing.then((answer) => {
    isRefused = true
    return problemOf(answer)
  })
  while (!isRefused) {
    expect((await resident.fetchAt(server)(`${server.origin}/healthz`)).status).toBe(200)
    expect(signedInView(await resident.at(server).session())).toEqual(view)
    rounds += 1
  }
  const waitedMs = performance.now() - startedAtMs

  const unavailable = { code: 'store_unavailable', status: 503, retryAfterInSeconds: 2 }
  expect(await refused).toMatchObject(unavailable)
  expect(problemOf(await asking)).toMatchObject(unavailable)
  expect([visitor.setCookies.length, newcomer.setCookies.length]).toEqual([issued, 0])
  expect(waitedMs).toBeGreaterThan(4_900)
  // Blocked for five seconds, the server would have answered once or twice.
  expect(rounds).toBeGreaterThan(2)
  lock.release()
  signedInView(await visitor.at(server).verify({ code }))
  expect(await newcomer.at(server).send({ email: 'ada@example.com' })).toMatchObject({ ok: true })
})

test('a server that is told to stop while the store is locked exits 0 in time, and what it answered is there', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, view, ...person } = await signIn(holdfast, first)
  await handedOver(person, first)
  const lock = lockStore(holdfast)
  // What was refused is to be told at the stop too.
  await new Visitor().at(first).check()
  const begun = await beginRequest(first, '/auth/otp/send', { email: 'ada@example.com' })

  const exited = first.process.stop()
  await first.process.log(({ message }) => message === 'stopping')
  expect((await begun.finish()).status).toBe(503)
  expect(await exited).toBe(0)
  lock.release()

  const second = await holdfast.start()
  expect(signedInView(await visitor.at(second).session())).toEqual(view)
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
