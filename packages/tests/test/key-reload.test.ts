import { readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecretKey, type Installation } from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { ringRefused, ringReloaded, rotate } from '../src/key-ring-events.ts'
import { readiness, readMetric } from '../src/server-metrics.ts'
import { askForCode, signedInView, signIn } from '../src/sign-in.ts'

const failures = 'holdfast_key_ring_reload_failures_total'

/** What becomes of the key file under a running server, and what the log then says of it. */
const faults: Record<string, [spoil: (holdfast: Installation) => Promise<void>, said: string]> = {
  'cut short': [(it) => truncate(it.keyFile, 200), 'its JSON does not parse'],
  'full of something else': [(it) => writeFile(it.keyFile, 'no key at all\n'), 'is shorter than 32 bytes'],
  empty: [(it) => writeFile(it.keyFile, ''), 'is empty'],
  deleted: [(it) => rm(it.keyFile), 'does not exist'],
  'without the key that signs': [
    (it) => writeFile(it.keyFile, createSecretKey()),
    'which signs now: rotate with the older key kept',
  ],
  'an older backup': [
    async (it) => writeFile(it.keyFile, await readFile(join(it.folder, 'backup.txt'))),
    'is older than the ring in use (epoch 1 after 2)',
  ],
}

describe('a key file that is found under a running server to be', () => {
  test.each(Object.entries(faults))('%s is refused, and all goes on', async (_, [spoil, said]) => {
    const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '300' })
    const server = await holdfast.start()
    await writeFile(join(holdfast.folder, 'backup.txt'), await readFile(holdfast.keyFile))
    const { visitor, view } = await signIn(holdfast, server)
    const waiting = await askForCode(holdfast, server)
    const { epoch } = await rotate(holdfast, '--in', '3600')
    const good = await readFile(holdfast.keyFile)
    server.process.signal('SIGHUP')
    await ringReloaded(server, epoch)
    const ring = await visitor.keyRingAt(server)

    await spoil(holdfast)
    for (const times of [1, 2]) {
      server.process.signal('SIGHUP')
      await expect.poll(() => readMetric(server, failures)).toBe(times)
    }

    const refused = await ringRefused(server)
    expect(refused).toMatchObject({ level: 'error', cause: 'SIGHUP', signs: ring.signs })
    expect(refused.fault).toContain(said)
    expect(refused.fault).toContain(holdfast.keyFile)
    expect(server.process.logs.filter(({ level }) => level === 'error')).toEqual([refused])
    expect(await readiness(server)).toBe(200)
    expect(await visitor.keyRingAt(server)).toEqual(ring)
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
    signedInView(await waiting.visitor.at(server).verify({ code: waiting.code }))

    await writeFile(holdfast.keyFile, good, { mode: 0o600 })
    server.process.signal('SIGHUP')
    await server.process.log(({ message }) => message === 'key ring can be read again')
    expect(await readMetric(server, failures)).toBe(2)
    expect(signedInView(await visitor.at(server).session())).toEqual(view)
  })
})

test('a key file that is lost and comes back is noticed without a signal, within the interval', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const server = await holdfast.start()
  const good = await readFile(holdfast.keyFile)

  await rm(holdfast.keyFile)
  expect(await ringRefused(server)).toMatchObject({ cause: 'poll' })
  await expect.poll(() => readMetric(server, failures)).toBeGreaterThan(1)
  expect(server.process.logs.filter(({ level }) => level === 'error')).toHaveLength(1)
  await writeFile(holdfast.keyFile, good, { mode: 0o600 })

  await server.process.log(({ message }) => message === 'key ring can be read again')
})
