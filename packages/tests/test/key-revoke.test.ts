import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Installation, kidOf, production, Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { keySigns, ringReloaded, rotateNow } from '../src/key-ring-events.ts'
import { readiness } from '../src/server-metrics.ts'
import { askForCode, handedOver, problemOf, signedInView, signIn } from '../src/sign-in.ts'

const anonymous = { ok: true, view: { state: 'anonymous' } }

async function revoke(holdfast: Installation, kid: string): Promise<Record<string, unknown>> {
  const revoked = await holdfast.command('keys', 'revoke', kid, '--json')
  expect(revoked).toMatchObject({ exitCode: 0, stderr: '' })
  return revoked.json
}

test('revoking the key that signs ends what it signed on every server within the interval, and another signs', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const servers = [await holdfast.start(), await holdfast.start()] as const
  const [first, second] = servers
  const { visitor } = await signIn(holdfast, first)
  const waiting = await askForCode(holdfast, second)
  const leaked = kidOf(await visitor.token(first))

  const { signs, epoch } = await revoke(holdfast, leaked)
  await Promise.all(servers.map((server) => ringReloaded(server, epoch)))

  for (const server of servers) {
    const stolen = await visitor.twin()
    expect(await stolen.reasonAt(server)).toBe('key_revoked')
    expect(await stolen.at(server).session()).toMatchObject(anonymous)
    expect(await readiness(server)).toBe(200)
  }
  const refused = problemOf(await waiting.visitor.at(first).verify({ code: waiting.code }))
  expect(refused).toMatchObject({ code: 'verification_session_not_found', reason: 'key_revoked' })
  const anew = await signIn(holdfast, second)
  expect(kidOf(await anew.visitor.token(second))).toBe(signs)
  expect(signedInView(await anew.visitor.at(first).session())).toEqual(anew.view)
})

test('revoke ends sign-ins and verifications of its key alone, and reports how many', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const ended = [await signIn(holdfast, server), await signIn(holdfast, server)]
  const endedWaiting = await askForCode(holdfast, server)
  await handedOver(endedWaiting, server)
  const leaked = kidOf(await endedWaiting.visitor.token(server))
  await rotateNow(holdfast, server)
  const kept = await signIn(holdfast, server)
  const keptWaiting = await askForCode(holdfast, server)

  const counts = { signIns: 2, verifications: 1, mails: 0 }
  const foreseen = await holdfast.command('keys', 'revoke', leaked, '--dry-run', '--json')
  expect(foreseen.json).toMatchObject({ ok: true, dryRun: true, ...counts })
  expect(await revoke(holdfast, leaked)).toMatchObject({ ok: true, kid: leaked, ...counts })
  server.process.signal('SIGHUP')
  await ringReloaded(server, 3)

  for (const { visitor } of [...ended, endedWaiting]) {
    expect(await visitor.reasonAt(server)).toBe('key_revoked')
  }
  expect(signedInView(await kept.visitor.at(server).session())).toEqual(kept.view)
  signedInView(await keptWaiting.visitor.at(server).verify({ code: keptWaiting.code }))
  expect(await kept.visitor.countsAt(server)).toMatchObject({ liveSignIns: 2, pendingVerifications: 0 })
})

test('a code that was not mailed yet is never mailed once its key is revoked', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  await holdfast.mailServer.close()
  const visitor = new Visitor()
  await visitor.at(server).send({ email: 'never-mailed@example.com' })
  const leaked = kidOf(await visitor.token(server))

  const counted = await revoke(holdfast, leaked)
  server.process.signal('SIGHUP')
  await ringReloaded(server, 2)

  expect(counted).toMatchObject({ signIns: 0, verifications: 1, mails: 1 })
  await holdfast.mailServer.open()
  await signIn(holdfast, server)
  expect(holdfast.mailServer.mails.flatMap(({ recipients }) => recipients)).not.toContain(
    'never-mailed@example.com',
  )
  await expect.poll(() => unsentMails(holdfast)).toBe(0)
})

function unsentMails(holdfast: Installation): number {
  const database = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { readOnly: true })
  const row = database.prepare('SELECT COUNT(*) AS count FROM codes WHERE sealed IS NOT NULL').get()
  database.close()
  return Number(row?.count)
}

test.each([['development', {}] as const, ['production', production] as const])(
  'a server that signed on after its key was revoked ends that at its next start, without a fault, in %s',
  async (_, posture) => {
    const holdfast = await createInstallation({
      ...posture,
      KEY_RELOAD_SECONDS: '300',
      SECRET_KEY_SOURCE: 'file:ring.txt',
    })
    const unaware = await holdfast.start()
    const { visitor } = await signIn(holdfast, unaware)
    const leaked = kidOf(await visitor.token(unaware))
    const { signs } = await revoke(holdfast, leaked)
    const { visitor: late } = await signIn(holdfast, unaware)
    expect(kidOf(await late.token(unaware))).toBe(leaked)
    await unaware.process.kill()

    const next = await holdfast.start()

    const told = await next.process.log(({ message }) => message === `key ${leaked} is revoked`)
    expect(told.ended).toBe('sign-ins: 1, verifications: 0, unsent mails: 0')
    for (const ended of [visitor, late]) {
      expect(await ended.at(next).session()).toMatchObject(anonymous)
      const refused = problemOf(await ended.at(next).verify({ code: '123456' }))
      expect(refused).toMatchObject({ reason: 'key_revoked' })
    }
    const anew = await signIn(holdfast, next)
    expect(kidOf(await anew.visitor.token(next))).toBe(signs)
    await next.process.stop()
    const third = await holdfast.start()
    expect(third.process.logs.filter(({ message }) => message.includes('revoked'))).toEqual([])
    expect(signedInView(await anew.visitor.at(third).session())).toEqual(anew.view)
  },
)

test('an older copy of the ring does not bring a revoked key back', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor } = await signIn(holdfast, server)
  const leaked = kidOf(await visitor.token(server))
  const copy = await readFile(holdfast.keyFile, 'utf8')
  await revoke(holdfast, leaked)
  await server.process.stop()

  await writeFile(holdfast.keyFile, copy)
  const next = await holdfast.start()

  const told = await next.process.log(({ message }) => message.startsWith(`key ${leaked} was revoked`))
  expect(told).toMatchObject({ level: 'warn' })
  expect(await visitor.at(next).session()).toMatchObject(anonymous)
})

test('SIGHUP takes a changed ring over at once, and changes nothing while nothing has changed', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '300' })
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)
  const ring = await visitor.keyRingAt(server)

  server.process.signal('SIGHUP')
  await server.process.log(({ message }) => message === 'key ring is unchanged')

  expect(await visitor.keyRingAt(server)).toEqual(ring)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  const { signs } = await revoke(holdfast, ring.signs)
  server.process.signal('SIGHUP')
  expect(await keySigns(server, signs)).toMatchObject({ message: 'key ring reloaded', cause: 'SIGHUP' })
})

/** A module that sends SIGHUP to its own process when the server's first module is about to be loaded. */
const hangUpAtStart = `
  import { registerHooks } from 'node:module'
  registerHooks({
    load(url, context, next) {
      if (url.endsWith('/src/main.ts')) process.kill(process.pid, 'SIGHUP')
      return next(url, context)
    },
  })
`

test('SIGHUP to a server that has only begun to start does not end it', async () => {
  const holdfast = await createInstallation()
  const probe = `data:text/javascript,${encodeURIComponent(hangUpAtStart)}`

  const server = holdfast.launch({ env: { NODE_OPTIONS: `--import=${probe}` } })

  await server.ready()
})
