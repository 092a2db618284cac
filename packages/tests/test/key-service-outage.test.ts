import type { LogLine } from '@holdfast/drill'
import { beforeEach, describe, expect, test } from 'vitest'
import { signedInView, signIn } from '../src/sign-in.ts'
import { type KeyService, keyServices } from './key-service.ts'
import { createWrappedInstallation, type WrappedInstallation } from './wrapped-installation.ts'

const askedAgain = ({ message }: LogLine) => message === 'key service asked again'

describe.each([
  { name: 'vault', is: 'Vault transit' },
  { name: 'aws-kms', is: 'AWS KMS' },
] as const)('a start for which $name', ({ name, is }) => {
  let service: KeyService
  let holdfast: WrappedInstallation

  beforeEach(async () => {
    service = await keyServices[name]()
    holdfast = await createWrappedInstallation(service)
  })

  test('is down asks with growing pauses for KEY_SERVICE_WAIT_SECONDS, then ends with 75 and one line', async () => {
    service.cutLine()
    const startedAtMs = performance.now()

    const server = holdfast.launch({ env: { KEY_SERVICE_WAIT_SECONDS: '6' } })

    expect(await server.exited).toBe(75)
    expect(performance.now() - startedAtMs).toBeGreaterThan(6_000)
    expect(server.stderr).toMatch(
      new RegExp(
        `^holdfast cannot start: key ring: ${is} could not unwrap the data key with .*; check the network`,
      ),
    )
    expect(server.stderr.match(/\n/g)).toHaveLength(1)
    const again = server.logs.filter(askedAgain)
    expect(again.map(({ level }) => level)).toEqual(again.map(() => 'warn'))
    // Each pause is drawn from one to two times 200, 400, 800 ms; after the last try there is none.
    const pausesMs = again.map(({ retryInMs }) => Number(retryInMs)).filter((pauseMs) => pauseMs > 0)
    expect(pausesMs.length).toBeGreaterThanOrEqual(3)
    expect(pausesMs).toEqual(pausesMs.toSorted((one, other) => one - other))
    expect(again[0]?.cause).toContain(`${is} could not unwrap`)
  })

  test('comes up meanwhile goes on as if nothing had been', async () => {
    const before = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, before)
    await before.process.stop()
    service.cutLine()
    const server = holdfast.launch({ env: { KEY_SERVICE_WAIT_SECONDS: '60' } })
    await server.log(askedAgain)

    service.mendLine()
    const running = { process: server, ...(await server.ready()) }

    expect(server.stderr).toBe('')
    expect(signedInView(await visitor.at(running).session())).toEqual(view)
  })

  test('throttles first and then answers begins', async () => {
    service.throttleOnce()

    const { process } = await holdfast.start({ env: { KEY_SERVICE_WAIT_SECONDS: '60' } })

    expect(process.logs.filter(askedAgain)).toMatchObject([
      { level: 'warn', cause: expect.stringContaining(is) },
    ])
    expect(process.stderr).toBe('')
  })

  test('denies ends at once with 78 and says what the caller must be allowed', async () => {
    service.denyOnce()

    const server = holdfast.launch({ env: { KEY_SERVICE_WAIT_SECONDS: '60' } })

    expect(await server.exited).toBe(78)
    expect(server.stderr).toMatch(
      new RegExp(`^holdfast cannot start: key ring: ${is} could not unwrap .*; check .*(decrypt|Decrypt)`),
    )
    expect(server.stderr.match(/\n/g)).toHaveLength(1)
    expect(server.logs.filter(askedAgain)).toEqual([])
    // The next answer would have been the right one.
    await (await holdfast.start()).process.stop()
  })

  test('no longer has the version of the key ends at once with 78', async () => {
    service.loseKeyVersion()

    const server = holdfast.launch({ env: { KEY_SERVICE_WAIT_SECONDS: '60' } })

    expect(await server.exited).toBe(78)
    expect(server.stderr).toMatch(
      new RegExp(
        `^holdfast cannot start: key ring: ${is} could not unwrap .*(key version 1 is below|another key, or another ring)`,
      ),
    )
    expect(server.stderr.match(/\n/g)).toHaveLength(1)
    expect(server.logs.filter(askedAgain)).toEqual([])
  })
})
