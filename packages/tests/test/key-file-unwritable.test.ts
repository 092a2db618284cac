import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { canInject, canMount, injecting, withReadOnly } from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { readiness } from '../src/server-metrics.ts'
import { signedInView, signIn } from '../src/sign-in.ts'

/** The keys are in a folder of their own: the store beside them stays writable. */
async function createInstallationWithKeyFolder() {
  const holdfast = await createInstallation({ SECRET_KEY_SOURCE: 'file:keys/ring.txt' })
  const keys = join(holdfast.folder, 'keys')
  await mkdir(keys, { mode: 0o700 })
  return { holdfast, keys, ring: join(keys, 'ring.txt') }
}

describe.skipIf(!canMount)('a key folder that is read-only (skipped where nothing can be mounted)', () => {
  test('lets a server start and run with the ring that is there', async () => {
    const { holdfast, keys } = await createInstallationWithKeyFolder()
    const first = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, first)
    await first.process.stop()

    const second = await holdfast.start({ under: withReadOnly(keys) })

    expect(signedInView(await visitor.at(second).session())).toEqual(view)
    expect(await readiness(second)).toBe(200)
    second.process.signal('SIGHUP')
    await second.process.log(({ message }) => message === 'key ring is unchanged')
  })

  test('stops a first start, which can make no ring there, with the remedy and exit code 78', async () => {
    const { holdfast, keys, ring } = await createInstallationWithKeyFolder()

    const server = holdfast.launch({ under: withReadOnly(keys) })

    expect(await server.exited).toBe(78)
    expect(server.stderr).toBe(
      `holdfast cannot start: key ring: ${ring} cannot be written: its file system is read-only; keep the key in SECRET_KEY, or name a writable path or a key service in SECRET_KEY_SOURCE\n`,
    )
    expect(await readdir(keys)).toEqual([])
  })

  test.each([['rotate'], ['revoke']])('stops `keys %s` with exit code 78 and one line', async (command) => {
    const { holdfast, keys, ring } = await createInstallationWithKeyFolder()
    await (await holdfast.start()).process.stop()
    const before = await readFile(ring, 'utf8')
    const kid = String((JSON.parse(before) as { keys: { kid: string }[] }).keys[0]?.kid)

    const args = command === 'revoke' ? [command, kid] : [command]
    const refused = await holdfast.commandWith({ under: withReadOnly(keys) }, 'keys', ...args)

    expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
    expect(refused.stderr).toMatch(
      /^holdfast: \S+ring\.txt cannot be written: its file system is read-only; .+\n$/,
    )
    expect(await readFile(ring, 'utf8')).toBe(before)
  })
})

describe.skipIf(!canInject)('a disk that is full (skipped where strace cannot run)', () => {
  test.each([['fsync'], ['rename']])(
    'at %s leaves the old ring, nothing beside it, and a clear line',
    async (call) => {
      const { holdfast, keys, ring } = await createInstallationWithKeyFolder()
      const server = await holdfast.start()
      const { visitor, view } = await signIn(holdfast, server)
      const before = await readFile(ring, 'utf8')

      const under = injecting('error=ENOSPC:when=1', call)
      const refused = await holdfast.commandWith({ under }, 'keys', 'rotate')

      expect(refused).toMatchObject({ exitCode: 78, stdout: '' })
      expect(refused.stderr).toBe(
        `holdfast: ${ring} cannot be written: the disk is full; nothing was changed\n`,
      )
      expect(await readFile(ring, 'utf8')).toBe(before)
      expect(await readdir(keys)).toEqual(['ring.txt'])
      expect(signedInView(await visitor.at(server).session())).toEqual(view)
      expect((await holdfast.command('keys', 'rotate')).exitCode).toBe(0)
    },
  )
})
