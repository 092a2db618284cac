import { readdir } from 'node:fs/promises'
import { canInject, type Installation, injecting, kidOf, type RunningServer } from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { keySigns, ringReloaded, rotate, rotateNow } from '../src/key-ring-events.ts'
import { askForCode, problemOf, signedInView, signIn } from '../src/sign-in.ts'

/** How far the rotation has come when the server is killed. */
const steps: Record<string, (holdfast: Installation, server: RunningServer) => Promise<void>> = {
  async 'before it'() {},

  async 'after the command, before the server has looked'(holdfast) {
    await rotate(holdfast, '--in', '3600')
  },

  async 'after the server has loaded the new key, before that signs'(holdfast, server) {
    const { epoch } = await rotate(holdfast, '--in', '3600')
    server.process.signal('SIGHUP')
    await ringReloaded(server, epoch)
  },

  async 'after the time at which the new key signs, before the server has looked'(holdfast) {
    await rotate(holdfast, '--in', '0')
  },

  async 'after the new key signs'(holdfast, server) {
    await rotateNow(holdfast, server)
  },
}

describe('a server killed in a rotation and started again keeps a person signed in and a code good:', () => {
  test.each(Object.entries(steps))('%s', async (_, reach) => {
    const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '300' })
    const server = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, server)
    const waiting = await askForCode(holdfast, server)

    await reach(holdfast, server)
    await server.process.kill()
    const next = await holdfast.start()

    expect(signedInView(await visitor.at(next).session())).toEqual(view)
    expect(signedInView(await waiting.visitor.at(next).verify({ code: waiting.code }))).toMatchObject({
      account: { email: waiting.email },
    })
    expect(next.process.logs.filter(({ message }) => message.includes('is missing'))).toEqual([])
  })
})

test('a server killed after the older key was retired starts again, and those who came back hold', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)
  const older = kidOf(await visitor.token(server))
  const { kid } = await rotate(holdfast, '--in', '0')
  await keySigns(server, kid)
  // The first visit brings the new cookie, the second one presents it.
  await visitor.at(server).session()
  await visitor.at(server).session()
  const waiting = await askForCode(holdfast, server)
  const retire = async () => (await holdfast.command('keys', 'retire', older)).exitCode
  await expect.poll(retire, { interval: 200 }).toBe(0)

  await server.process.kill()
  const next = await holdfast.start()

  expect(signedInView(await visitor.at(next).session())).toEqual(view)
  signedInView(await waiting.visitor.at(next).verify({ code: waiting.code }))
})

interface Kill {
  systemCall: string
  at: (holdfast: Installation) => string | undefined
  isDone: boolean
}

const kills: [string, Kill][] = [
  ['before the new ring is in place', { systemCall: 'rename', at: () => undefined, isDone: false }],
  [
    'when it is, with the lock held',
    { systemCall: 'unlink', at: (it) => `${it.keyFile}.lock`, isDone: true },
  ],
]

function killing({ systemCall, at }: Kill, holdfast: Installation): { under: string[] } {
  return { under: injecting('signal=KILL:when=1', systemCall, at(holdfast)) }
}

async function epochOf(holdfast: Installation): Promise<unknown> {
  return (await holdfast.command('keys', 'list', '--json')).json.epoch
}

/** What a killed command left is gone after the next one that was not. */
async function keyFilesIn(holdfast: Installation): Promise<string[]> {
  return (await readdir(holdfast.dataFolder)).filter((name) => name.startsWith('secret_key'))
}

describe.skipIf(!canInject)('the command killed in its work (skipped where strace cannot run)', () => {
  test.each(kills)('`keys rotate` killed %s leaves a whole ring and can be done again', async (_, kill) => {
    const holdfast = await createInstallation()
    const server = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, server)

    const killed = await holdfast.commandWith(killing(kill, holdfast), 'keys', 'rotate')
    expect(killed).toMatchObject({ exitCode: null, stdout: '' })
    expect(await epochOf(holdfast)).toBe(kill.isDone ? 2 : 1)

    const again = await holdfast.command('keys', 'rotate')
    expect(again.exitCode).toBe(kill.isDone ? 1 : 0)
    expect(await epochOf(holdfast)).toBe(2)
    expect(await keyFilesIn(holdfast)).toEqual(['secret_key.txt'])
    await server.process.stop()
    const next = await holdfast.start()
    expect(signedInView(await visitor.at(next).session())).toEqual(view)
  })

  test.each(kills)('`keys revoke` killed %s leaves a whole ring and can be done again', async (_, kill) => {
    const holdfast = await createInstallation()
    const server = await holdfast.start()
    const { visitor } = await signIn(holdfast, server)
    const { code, ...waiting } = await askForCode(holdfast, server)
    const kid = kidOf(await visitor.token(server))

    const killed = await holdfast.commandWith(killing(kill, holdfast), 'keys', 'revoke', kid)
    expect(killed).toMatchObject({ exitCode: null, stdout: '' })
    expect(await epochOf(holdfast)).toBe(kill.isDone ? 2 : 1)

    const again = await holdfast.command('keys', 'revoke', kid, '--json')
    expect(again).toMatchObject({ exitCode: 0, json: { signIns: 1, verifications: 1, epoch: 2 } })
    expect(await keyFilesIn(holdfast)).toEqual(['secret_key.txt'])
    await server.process.stop()
    const next = await holdfast.start()
    expect(await visitor.reasonAt(next)).toBe('key_revoked')
    const refused = problemOf(await waiting.visitor.at(next).verify({ code }))
    expect(refused).toMatchObject({ reason: 'key_revoked' })
  })
})
