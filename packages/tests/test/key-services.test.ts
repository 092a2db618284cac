import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kidOf, type RunningServer } from '@holdfast/drill'
import { beforeEach, describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { ringRefused, ringReloaded, rotate } from '../src/key-ring-events.ts'
import { readiness } from '../src/server-metrics.ts'
import { signedInView, signIn } from '../src/sign-in.ts'
import { type KeyService, keyServices } from './key-service.ts'
import { createWrappedInstallation, type WrappedInstallation } from './wrapped-installation.ts'

describe.each(['vault', 'aws-kms'] as const)('a key ring that %s has wrapped', (name) => {
  let service: KeyService
  let holdfast: WrappedInstallation

  beforeEach(async () => {
    service = await keyServices[name]()
    holdfast = await createWrappedInstallation(service)
  })

  test('carries sign-ins over a restart, and over the move from the ring in clear', async () => {
    const first = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, first)
    expect(kidOf(await visitor.token(first))).toBe(holdfast.kid)
    await first.process.kill()

    const second = await holdfast.start()

    expect(signedInView(await visitor.at(second).session())).toEqual(view)
    expect(await second.process.log(({ message }) => message === 'durable')).toMatchObject({
      keys: `${holdfast.wrappedFile} (read; ${holdfast.kid} signs)`,
    })
  })

  test('is rotated by way of the service, and a running server signs with the new key', async () => {
    const server = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, server)
    const before = await readFile(holdfast.wrappedFile, 'utf8')
    const asked = service.asked()

    const { kid, epoch } = await rotate(holdfast, '--in', '0')

    expect(service.asked()).toBeGreaterThan(asked)
    expect(JSON.parse(await readFile(holdfast.wrappedFile, 'utf8')).wrapped).not.toBe(
      JSON.parse(before).wrapped,
    )
    server.process.signal('SIGHUP')
    expect(await ringReloaded(server, epoch)).toMatchObject({ signs: kid, level: 'info' })
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
    expect(kidOf(await visitor.token(server))).toBe(kid)
    await server.process.kill()
    expect(signedInView(await visitor.at(await holdfast.start()).session())).toEqual(view)
  })

  test('is on no disk in clear, in no spelling, while it is used, rotated and kept', async () => {
    const server = await holdfast.start({ env: { LOG_LEVEL: 'debug' } })
    await signIn(holdfast, server)
    const older = await holdfast.readSecrets()
    const { epoch } = await rotate(holdfast, '--in', '0')
    server.process.signal('SIGHUP')
    await ringReloaded(server, epoch)
    const { visitor } = await signIn(holdfast, server)
    const secrets = [...older, ...(await holdfast.readSecrets())]
    expect(secrets).toHaveLength(3)

    const whileRunning = await bytesIn(holdfast.dataFolder)
    await server.process.stop()
    const written = Buffer.concat([whileRunning, await bytesIn(holdfast.dataFolder)])

    expect(written.includes(kidOf(await visitor.token(server)))).toBe(true)
    const shown = [written, Buffer.from(server.process.output)]
    for (const secret of secrets) for (const bytes of shown) expect(spellingsIn(bytes, secret)).toEqual([])
    const inFiles = await readdir(holdfast.dataFolder)
    expect(inFiles.filter((file) => file.startsWith('secret_key'))).toEqual(['secret_key.wrapped.json'])
  })

  test('stays in use while the service is down: a reload of the unchanged file does not even ask', async () => {
    const server = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, server)
    service.cutLine()
    const asked = service.asked()

    server.process.signal('SIGHUP')
    await server.process.log(({ message }) => message === 'key ring is unchanged')

    expect(service.asked()).toBe(asked)
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
    expect(await readiness(server)).toBe(200)
    await signIn(holdfast, server)
  })

  test('is not replaced by a newer one that cannot be opened, until the service is back', async () => {
    // So long does the start have for its own question, and does a reload ask in vain.
    const server = await holdfast.start({ env: { KEY_SERVICE_WAIT_SECONDS: '5' } })
    const { visitor, view } = await signIn(holdfast, server)
    service.cutLine()
    const { kid, epoch } = await rotatePastTheLine()

    server.process.signal('SIGHUP')
    const refused = await ringRefused(server)

    expect(refused).toMatchObject({ level: 'error', epoch: 1, signs: holdfast.kid })
    expect(refused.fault).toMatch(/could not unwrap the data key with .*; check the network/)
    expect(await readiness(server)).toBe(200)
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
    await signIn(holdfast, server)

    service.mendLine()
    server.process.signal('SIGHUP')
    await ringReloaded(server, epoch)
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
    expect(kidOf(await visitor.token(server))).toBe(kid)
  })

  test('is the only one: another ring in clear in the data folder is never used', async () => {
    const elsewhere = await createInstallation()
    await (await elsewhere.start()).process.stop()
    const other = await readFile(elsewhere.keyFile, 'utf8')
    await writeFile(holdfast.keyFile, other, { mode: 0o600 })

    const server = await holdfast.start()
    expect(await newTokenKid(server)).toBe(holdfast.kid)
    await server.process.stop()

    service.denyOnce()
    const denied = holdfast.launch()
    expect(await denied.exited).toBe(78)
    expect(denied.stderr).not.toContain(holdfast.keyFile)
    const absent = holdfast.launch({ env: { SECRET_KEY_SOURCE: `${name}:data/absent.json` } })
    expect(await absent.exited).toBe(78)
    expect(absent.stderr).toMatch(/^holdfast cannot start: key ring: .*absent\.json does not exist\n/)
    expect(await readFile(holdfast.keyFile, 'utf8')).toBe(other)
  })

  test('is not one in clear at its path: that is refused, with what to do', async () => {
    const elsewhere = await createInstallation()
    await (await elsewhere.start()).process.stop()
    await writeFile(holdfast.wrappedFile, await readFile(elsewhere.keyFile))

    const server = holdfast.launch()

    expect(await server.exited).toBe(78)
    expect(server.stderr).toMatch(
      new RegExp(
        `^holdfast cannot start: key ring: ${holdfast.wrappedFile} is a key ring in clear; .*holdfast keys wrap .*--with ${name}:`,
      ),
    )
    expect(server.stderr.match(/\n/g)).toHaveLength(1)
  })

  test('is not one that another service has wrapped', async () => {
    const otherName = name === 'vault' ? 'aws-kms' : 'vault'

    const server = holdfast.launch({ env: { SECRET_KEY_SOURCE: `${otherName}:${holdfast.wrappedFile}` } })

    expect(await server.exited).toBe(78)
    expect(server.stderr).toBe(
      `holdfast cannot start: key ring: ${holdfast.wrappedFile} is wrapped by ${name}, and SECRET_KEY_SOURCE says ${otherName}\n`,
    )
    const plain = holdfast.launch({ env: { SECRET_KEY_SOURCE: `file:${holdfast.wrappedFile}` } })
    expect(await plain.exited).toBe(78)
    expect(plain.stderr).toContain(
      `is wrapped by ${name}: name it in SECRET_KEY_SOURCE as ${name}: and its path`,
    )
  })

  async function rotatePastTheLine() {
    const env = { env: service.directEnv }
    const rotated = await holdfast.commandWith(env, 'keys', 'rotate', '--in', '0', '--json')
    expect(rotated).toMatchObject({ exitCode: 0, stderr: '' })
    return rotated.json as { kid: string; epoch: number }
  }

  async function newTokenKid(server: RunningServer) {
    const { visitor } = await signIn(holdfast, server)
    return kidOf(await visitor.token(server))
  }
})

async function bytesIn(folder: string): Promise<Buffer> {
  const files = await readdir(folder)
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(folder, file)))))
}

/** The spellings of the secret that the bytes hold, whole or by half. */
function spellingsIn(bytes: Buffer, secret: Uint8Array): string[] {
  const halves = [Buffer.from(secret.subarray(0, 15)), Buffer.from(secret.subarray(15))]
  const raw = halves.some((half) => bytes.includes(half)) ? ['raw'] : []
  const spelt = (['hex', 'base64', 'base64url'] as const).filter((encoding) => {
    const text = Buffer.from(secret).toString(encoding)
    return [text.slice(0, 20), text.slice(20, 40)].some((part) => bytes.includes(part))
  })
  return [...raw, ...spelt]
}
