import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Installation, kidOf, production, setClock, settableClock, Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { keySigns, ringReloaded, rotate } from '../src/key-ring-events.ts'
import { problemOf, type SignedInView, signedInView, signIn } from '../src/sign-in.ts'

/* The drills of docs/keys.md, as an operator does them. */

const minuteMs = 60_000
const anonymous = { ok: true, view: { state: 'anonymous' } }
const inProduction = { ...production, SECRET_KEY_SOURCE: 'file:keys/ring.txt' }

interface Listed {
  kid: string
  state: string
  signs: boolean
  needed: { signIns: number } | null
}

async function listKeys(holdfast: Installation): Promise<Listed[]> {
  return (await holdfast.command('keys', 'list', '--json')).json.keys as Listed[]
}

/** Signs in at `server` again, as the person with this address, in a new browser. */
async function signInAnew(holdfast: Installation, server: Parameters<Visitor['at']>[0], email: string) {
  const visitor = new Visitor()
  await visitor.at(server).send({ email })
  const { code } = await holdfast.mailServer.nextMail(email)
  return { visitor, view: signedInView(await visitor.at(server).verify({ code })) }
}

test('drill: a planned rotation, from `keys check` to `keys retire`, signs nobody out', async () => {
  // The new key is staged for ten minutes, which pass when they are let.
  const holdfast = await createInstallation({
    ...inProduction,
    ...settableClock(),
    KEY_RELOAD_SECONDS: '300',
  })
  setClock(holdfast.folder, 0)
  const server = await holdfast.start({ env: { KEY_RELOAD_SECONDS: '1' } })
  const { visitor, view } = await signIn(holdfast, server)
  const older = kidOf(await visitor.token(server))
  expect(await holdfast.command('keys', 'check', '--json')).toMatchObject({
    exitCode: 0,
    json: { starts: true },
  })

  const { kid } = await rotate(holdfast)
  expect(await listKeys(holdfast)).toMatchObject([
    { kid: older, signs: true, needed: { signIns: 1 } },
    { kid, state: 'staged', signs: false, needed: null },
  ])
  await ringReloaded(server, 2)
  setClock(holdfast.folder, 11 * minuteMs)
  await keySigns(server, kid)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(await listKeys(holdfast)).toMatchObject([
    { kid: older, state: 'retired', needed: null },
    { kid, state: 'active', signs: true, needed: { signIns: 1 } },
  ])
  // By then no process signs with the older key any more.
  setClock(holdfast.folder, 22 * minuteMs)
  expect(await holdfast.command('keys', 'retire', older)).toMatchObject({ exitCode: 0, stderr: '' })

  await ringReloaded(server, 3)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
})

test('drill: a key has leaked: revoke it, and everybody signs in anew to the account they had', async () => {
  const holdfast = await createInstallation(inProduction)
  const server = await holdfast.start()
  const { visitor, view, email } = await signIn(holdfast, server)
  const stolen = await visitor.twin()
  const leaked = kidOf(await visitor.token(server))

  const revoked = await holdfast.command('keys', 'revoke', leaked)
  expect(revoked.exitCode).toBe(0)
  expect(revoked.stdout).toContain('sign-ins: 1, verifications: 0, unsent mails: 0')
  server.process.signal('SIGHUP')
  await ringReloaded(server, 2)

  expect(await stolen.at(server).session()).toMatchObject(anonymous)
  const anew = await signInAnew(holdfast, server, email)
  expect(anew.view.account).toEqual(view.account)
  expect(anew.view.signIn.id).not.toBe(view.signIn.id)
})

/** A production installation whose key file is lost after a backup of it was made; nothing runs. */
async function loseKeyFile() {
  const holdfast = await createInstallation(inProduction)
  const server = await holdfast.start()
  const person = await signIn(holdfast, server)
  const [ring, backup] = [join(holdfast.folder, 'keys', 'ring.txt'), join(holdfast.folder, 'backup.txt')]
  await copyFile(ring, backup)
  await server.process.stop()
  await rm(ring)
  return { holdfast, ring, backup, kid: kidOf(await person.visitor.token(server)), ...person }
}

test('drill: the key file is lost: the start refuses with counts, and after `keys import` nobody is signed out', async () => {
  const { holdfast, ring, backup, visitor, view, kid } = await loseKeyFile()

  const refusing = holdfast.launch()
  expect(await refusing.exited).toBe(78)
  expect(refusing.stderr).toContain(`key ${kid} is missing from ${ring} and still needed (sign-ins: 1, `)
  expect(refusing.stderr).toContain('--accept-key-loss')
  const checked = await holdfast.command('keys', 'check')
  expect(checked.exitCode).toBe(78)
  expect(checked.stdout).toContain(`key ${kid} is missing`)
  expect((await holdfast.command('keys', 'import', backup)).exitCode).toBe(0)

  expect((await holdfast.command('keys', 'check')).exitCode).toBe(0)
  const server = await holdfast.start()
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
})

test('drill: the key file is lost: once it is put back from a backup the server starts and nobody is signed out', async () => {
  const { holdfast, ring, backup, visitor, view } = await loseKeyFile()

  await copyFile(backup, ring)

  const server = await holdfast.start()
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
})

test('drill: a development server made another ring in place of a lost one: `keys import` brings the people back', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const first = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, first)
  await first.process.stop()
  const backup = join(holdfast.folder, 'backup.txt')
  await rename(holdfast.keyFile, backup)
  const second = await holdfast.start()
  const meanwhile = await signIn(holdfast, second)
  expect(await visitor.at(second).session()).toMatchObject(anonymous)

  const imported = await holdfast.command('keys', 'import', backup)
  expect(imported).toMatchObject({ exitCode: 0, stderr: '' })
  await ringReloaded(second, 2)

  expect(signedInView(await visitor.at(second).session())).toEqual(view)
  expect(signedInView(await meanwhile.visitor.at(second).session())).toEqual(meanwhile.view)
})

test('drill: the key is lost for good: --accept-key-loss, and everybody signs in anew to the account they had', async () => {
  const { holdfast, visitor, view, email } = await loseKeyFile()

  const server = await holdfast.start({ args: ['--accept-key-loss'] })

  expect(await visitor.at(server).session()).toMatchObject(anonymous)
  const anew = await signInAnew(holdfast, server, email)
  expect(anew.view.account).toEqual(view.account)
  await server.process.stop()
  const next = await holdfast.start()
  expect(signedInView(await anew.visitor.at(next).session())).toEqual(anew.view)
})

test('drill: key and database have both leaked: what they hold is worth nothing after revoke, and no account is lost', async () => {
  const holdfast = await createInstallation(inProduction)
  const server = await holdfast.start()
  const people = [await signIn(holdfast, server), await signIn(holdfast, server)]
  const stolen = await Promise.all(people.map(({ visitor }) => visitor.twin()))
  const leaked = kidOf((await people[0]?.visitor.token(server)) ?? '')
  const waiting = new Visitor()
  await waiting.at(server).send({ email: 'waiting@example.com' })
  const { code } = await holdfast.mailServer.nextMail('waiting@example.com')

  expect((await holdfast.command('keys', 'revoke', leaked)).exitCode).toBe(0)
  server.process.signal('SIGHUP')
  await ringReloaded(server, 2)

  for (const thief of stolen) expect(await thief.at(server).session()).toMatchObject(anonymous)
  expect(problemOf(await waiting.at(server).verify({ code }))).toMatchObject({ reason: 'key_revoked' })
  const accounts: SignedInView['account'][] = []
  for (const { email } of people) accounts.push((await signInAnew(holdfast, server, email)).view.account)
  expect(accounts).toEqual(people.map(({ view }) => view.account))
})

test('drill: a leaked key whose file is lost too stays out when a copy of the file turns up again', async () => {
  const { holdfast, ring, backup, visitor, view, email, kid } = await loseKeyFile()
  const server = await holdfast.start({ args: ['--accept-key-loss'] })
  await holdfast.command('keys', 'import', backup)
  expect((await holdfast.command('keys', 'revoke', kid)).exitCode).toBe(0)
  server.process.signal('SIGHUP')
  await ringReloaded(server, 3)

  expect(await visitor.at(server).session()).toMatchObject(anonymous)
  const anew = await signInAnew(holdfast, server, email)
  expect(anew.view.account).toEqual(view.account)
  expect(await holdfast.command('keys', 'import', backup)).toMatchObject({ exitCode: 1 })
  await server.process.stop()
  await copyFile(backup, ring)
  const mistaken = holdfast.launch()
  expect(await mistaken.exited).toBe(78)
  expect(mistaken.stderr).toContain(`key ${kid} was revoked and is in ${ring} again`)
})
