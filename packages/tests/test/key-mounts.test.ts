import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecretKey, kidOf, production } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { ringRefused, ringReloaded } from '../src/key-ring-events.ts'
import { SecretMount } from '../src/secret-mount.ts'
import { readiness } from '../src/server-metrics.ts'
import { signedInView, signIn } from '../src/sign-in.ts'

/** An installation whose ring is mounted, and the ring before and after a rotation elsewhere. */
async function createMountedInstallation() {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1', SECRET_KEY_SOURCE: 'file:mount' })
  const env = { SECRET_KEY_SOURCE: 'file:made-elsewhere.txt' }
  const file = join(holdfast.folder, 'made-elsewhere.txt')
  const before = createSecretKey()
  await writeFile(file, before, { mode: 0o600 })
  expect((await holdfast.commandWith({ env }, 'keys', 'rotate', '--in', '0')).exitCode).toBe(0)
  const after = await readFile(file, 'utf8')
  const mount = new SecretMount(join(holdfast.folder, 'mount'))
  await mount.swapIn({ 'secret_key.txt': before })
  return { holdfast, mount, after }
}

test('a mounted secret that is swapped under a running server is taken over within the interval', async () => {
  const { holdfast, mount, after } = await createMountedInstallation()
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)
  const older = kidOf(await visitor.token(server))

  await mount.swapIn({ 'secret_key.txt': after })

  const reloaded = await ringReloaded(server, 1)
  expect(reloaded).toMatchObject({ level: 'info', cause: 'poll' })
  expect(reloaded.signs).not.toBe(older)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(kidOf(await visitor.token(server))).toBe(reloaded.signs)
})

test('a mounted secret that is swapped to a ring without the signing key is refused, and all goes on', async () => {
  const { holdfast, mount } = await createMountedInstallation()
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)

  await mount.swapIn({ 'secret_key.txt': `${createSecretKey()}\n` })

  expect((await ringRefused(server)).fault).toContain(
    `lacks key ${kidOf(await visitor.token(server))}, which signs now`,
  )
  expect(await readiness(server)).toBe(200)
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
})

test('a ring that is mounted is not changed by the command, which says where to change it', async () => {
  const { holdfast } = await createMountedInstallation()

  const refused = await holdfast.command('keys', 'rotate')

  expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
  expect(refused.stderr).toBe(
    `holdfast: ${holdfast.folder}/mount/secret_key.txt is mounted: change the ring where it is mounted from\n`,
  )
})

test('SECRET_KEY and SECRET_KEY_FALLBACKS in a folder are read again when they change', async () => {
  const [older, newer] = [createSecretKey(), createSecretKey()]
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1', SECRET_KEY_SOURCE: 'file:mount' })
  const mount = new SecretMount(join(holdfast.folder, 'mount'))
  await mount.swapIn({ SECRET_KEY: older })
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)

  await mount.swapIn({ SECRET_KEY: newer, SECRET_KEY_FALLBACKS: `${older}\n` })

  const reloaded = await server.process.log(({ message }) => message === 'key ring reloaded')
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(kidOf(await visitor.token(server))).toBe(reloaded.signs)
})

test('SECRET_KEY_FILE and SECRET_KEY_FALLBACKS_FILE are read again when they change', async () => {
  const [older, newer] = [createSecretKey(), createSecretKey()]
  const holdfast = await createInstallation({
    KEY_RELOAD_SECONDS: '300',
    SECRET_KEY_FILE: 'key',
    SECRET_KEY_FALLBACKS_FILE: 'older-keys',
  })
  await writeFile(join(holdfast.folder, 'key'), older, { mode: 0o600 })
  await writeFile(join(holdfast.folder, 'older-keys'), '', { mode: 0o600 })
  const server = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, server)

  await writeFile(join(holdfast.folder, 'older-keys'), older)
  await writeFile(join(holdfast.folder, 'key'), newer)
  server.process.signal('SIGHUP')

  const reloaded = await server.process.log(({ message }) => message === 'key ring reloaded')
  expect(signedInView(await visitor.at(server).session())).toEqual(view)
  expect(kidOf(await visitor.token(server))).toBe(reloaded.signs)
})

test('a key file that others can read stops a production server and is warned of in development', async () => {
  const holdfast = await createInstallation({ SECRET_KEY_SOURCE: 'file:ring.txt' })
  const file = join(holdfast.folder, 'ring.txt')
  await writeFile(file, createSecretKey(), { mode: 0o644 })
  const said = `${file} can be read by other users of this machine; run: chmod 600 ${file}`

  const developing = await holdfast.start()
  expect(await developing.process.log(({ message }) => message === said)).toMatchObject({ level: 'warn' })
  const producing = holdfast.launch({ env: production })

  expect(await producing.exited).toBe(78)
  expect(producing.stderr).toBe(`holdfast cannot start: ${said}\n`)
  expect((await holdfast.commandWith({ env: production }, 'keys', 'check')).stdout).toContain(said)
})

test('two sources at once stop the server and the command with one line', async () => {
  const holdfast = await createInstallation({
    SECRET_KEY: createSecretKey(),
    SECRET_KEY_SOURCE: 'file:ring.txt',
  })
  const said = 'SECRET_KEY_SOURCE: names a source while SECRET_KEY is set too; keep exactly one source\n'

  const server = holdfast.launch()

  expect(await server.exited).toBe(78)
  expect(server.stderr).toBe(`holdfast cannot start: ${said}`)
  const command = await holdfast.command('keys', 'list')
  expect(command).toMatchObject({ exitCode: 78, stderr: `holdfast: ${said}` })
})
