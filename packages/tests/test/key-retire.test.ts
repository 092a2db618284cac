import { readFile } from 'node:fs/promises'
import {
  type Installation,
  kidOf,
  type RunningServer,
  setClock,
  settableClock,
  Visitor,
} from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { ringReloaded, rotate, rotateNow } from '../src/key-ring-events.ts'
import { askForCode, handedOver, signedInView, signIn } from '../src/sign-in.ts'

interface Ring {
  epoch: number
  keys: { kid: string; state: string; secret: string | null }[]
}

async function readRing(holdfast: Installation): Promise<Ring> {
  return JSON.parse(await readFile(holdfast.keyFile, 'utf8')) as Ring
}

/** Two people who are signed in and one with a code, all under the key that signed before the rotation. */
async function rotateUnderPeople() {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const server = await holdfast.start()
  const people = [await signIn(holdfast, server), await signIn(holdfast, server)]
  const waiting = await askForCode(holdfast, server)
  await handedOver(waiting, server)
  const older = kidOf(await waiting.visitor.token(server))
  const newer = await rotateNow(holdfast, server)
  return { holdfast, server, people, waiting, older, newer }
}

/** The first visit brings the new cookie, the second one presents it. */
async function comeBack(people: Awaited<ReturnType<typeof signIn>>[], server: RunningServer): Promise<void> {
  for (const { visitor, view } of people) {
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
  }
}

test('retire refuses while people need the key, with counts and a time, and changes nothing', async () => {
  const { holdfast, server, people, waiting, older } = await rotateUnderPeople()
  const before = await readFile(holdfast.keyFile, 'utf8')

  const refused = await holdfast.command('keys', 'retire', older)
  const forMachines = await holdfast.command('keys', 'retire', older, '--json')

  const until = /until (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)/.exec(refused.stderr)?.[1] ?? ''
  expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
  expect(refused.stderr).toContain(
    `holdfast: key ${older} is still needed (sign-ins: 2, verifications: 1, unsent mails: 0)`,
  )
  const daysLeft = (Date.parse(until) - Date.now()) / 86_400_000
  expect(daysLeft).toBeGreaterThan(29.9)
  expect(daysLeft).toBeLessThan(30.2)
  expect(forMachines.exitCode).toBe(1)
  expect(forMachines.json).toMatchObject({
    ok: false,
    kid: older,
    signIns: 2,
    verifications: 1,
    mails: 0,
    until,
  })
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
  await comeBack(people, server)
  signedInView(await waiting.visitor.at(server).verify({ code: waiting.code }))
})

test('retire succeeds once everybody has come back, destroys the secret and signs nobody out', async () => {
  const { holdfast, server, people, waiting, older } = await rotateUnderPeople()
  const secret = (await readRing(holdfast)).keys.find(({ kid }) => kid === older)?.secret ?? ''
  expect(secret.length).toBeGreaterThan(40)
  await comeBack(people, server)
  await waiting.visitor.at(server).cancel()

  const retire = async () => (await holdfast.command('keys', 'retire', older)).exitCode
  await expect.poll(retire, { interval: 200 }).toBe(0)

  const text = await readFile(holdfast.keyFile, 'utf8')
  expect(text).not.toContain(secret)
  expect(await readRing(holdfast)).toMatchObject({
    epoch: 3,
    keys: [{ kid: older, state: 'retired', secret: null }, { state: 'active' }],
  })
  await ringReloaded(server, 3)
  expect((await waiting.visitor.keyRingAt(server)).verifies).not.toContain(older)
  await comeBack(people, server)
  await comeBack(people, await holdfast.start())
})

test('retire --later sets an end, and whatever is alive holds until then', async () => {
  const { holdfast, server, people, waiting, older } = await rotateUnderPeople()

  const retired = await holdfast.command('keys', 'retire', older, '--later', '--json')

  expect(retired).toMatchObject({ exitCode: 0, stderr: '' })
  const daysLeft = (Date.parse(String(retired.json.verifiesUntil)) - Date.now()) / 86_400_000
  expect(daysLeft).toBeGreaterThan(29.9)
  expect(daysLeft).toBeLessThan(30.2)
  const second = await holdfast.start()
  await comeBack(people, second)
  signedInView(await waiting.visitor.at(second).verify({ code: waiting.code }))
  expect((await readRing(holdfast)).keys[0]).toMatchObject({ kid: older, state: 'retired' })
  await server.process.stop()
})

test('retire --later lets a running server forget the key when its end has come', async () => {
  const holdfast = await createInstallation({ ...settableClock(), KEY_RELOAD_SECONDS: '1' })
  setClock(holdfast.folder, 0)
  const server = await holdfast.start()
  const { visitor } = await signIn(holdfast, server)
  const older = kidOf(await visitor.token(server))
  const newer = await rotateNow(holdfast, server)

  const retired = await holdfast.command('keys', 'retire', older, '--later', '--json')
  expect(retired.exitCode).toBe(0)
  const verifies = async () => (await visitor.keyRingAt(server)).verifies
  await ringReloaded(server, 3)
  expect((await verifies()).toSorted()).toEqual([older, newer].toSorted())

  // Its end, to the second, as it is written.
  setClock(holdfast.folder, Date.parse(String(retired.json.verifiesUntil)) + 1_000 - Date.now())
  await expect.poll(verifies, { interval: 100 }).toEqual([newer])
})

test('retire of a key that signs, is staged or is not there is refused with a line that says so', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor } = await askForCode(holdfast, server)
  const signs = kidOf(await visitor.token(server))
  const { kid: staged } = await rotate(holdfast, '--in', '3600')
  const before = await readFile(holdfast.keyFile, 'utf8')

  const [active, coming, unknown] = [
    await holdfast.command('keys', 'retire', signs),
    await holdfast.command('keys', 'retire', staged),
    await holdfast.command('keys', 'retire', 'abcdefgh', '--later'),
  ]

  expect([active.exitCode, coming.exitCode, unknown.exitCode]).toEqual([1, 1, 1])
  const ring = `holdfast: ${holdfast.keyFile}`
  expect(active.stderr).toMatch(new RegExp(`key ${signs}: it signs until \\S+, when ${staged} takes over`))
  expect(coming.stderr).toContain(`key ${staged}: it is to sign from `)
  expect(unknown.stderr).toBe(`${ring} has no key abcdefgh; it has ${signs}, ${staged}\n`)
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
})

test('a code that waits for the mail server keeps its key from being retired, and is mailed after the rotation', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const server = await holdfast.start()
  await holdfast.mailServer.close()
  const visitor = new Visitor()
  await visitor.at(server).send({ email: 'later@example.com' })
  const older = kidOf(await visitor.token(server))
  await rotateNow(holdfast, server)

  const refused = await holdfast.command('keys', 'retire', older, '--json')
  expect(refused).toMatchObject({ exitCode: 1, json: { signIns: 0, verifications: 1, mails: 1 } })

  await holdfast.mailServer.open()
  const { code } = await holdfast.mailServer.nextMail('later@example.com')
  signedInView(await visitor.at(server).verify({ code }))
})
