import { type KeyWrapper, KeyWrapperError } from '@holdfast/core'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { keyService } from '../src/key-service.ts'
import { startVaultPeer } from './vault-peer.ts'

let vault: Awaited<ReturnType<typeof startVaultPeer>>

beforeEach(async () => {
  vault = await startVaultPeer()
  return () => vault[Symbol.asyncDispose]()
})

const dataKey = Buffer.alloc(32, 7)
/** Longer than any answer takes, on a machine that has other work. */
const longMs = 120_000
const wrap = (wrapper: KeyWrapper, signal: AbortSignal) =>
  wrapper.wrap('holdfast', dataKey, { ringId: 'aaaaaaaa', signal })

function service(waitMs: number, environment: Record<string, string> = vault.environment) {
  const retries: { error: KeyWrapperError; retryInMs: number }[] = []
  const call = keyService({
    service: 'vault',
    environment,
    waitMs,
    onRetry: (error, retryInMs) => retries.push({ error, retryInMs }),
  })
  return { call, retries }
}

const failureOf = (work: Promise<unknown>): Promise<KeyWrapperError> =>
  work.then(
    () => expect.fail('expected a failure'),
    (error: KeyWrapperError) => error,
  )

test('a service that answers is asked once', async () => {
  const { call, retries } = service(longMs)

  expect(await call(wrap)).toMatchObject({ keyName: 'transit/holdfast' })
  expect(vault.calls).toEqual(['/v1/transit/encrypt/holdfast'])
  expect(retries).toEqual([])
})

describe('what may pass by itself', () => {
  /** The call, for which two fifths of the wait pass each time: the third one comes to its end after it. */
  function slowWrap() {
    let calls = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => calls * 0.4 * longMs)
    onTestFinished(() => clock.mockRestore())
    const call: typeof wrap = (...given) => {
      calls += 1
      return wrap(...given)
    }
    return { call, calls: () => calls }
  }

  test.each([
    [503, 'unreachable'],
    [429, 'throttled'],
    [500, 'unreachable'],
  ])('a %i is asked again until the service answers, and each wait is told', async (status, fault) => {
    vault.answerWith(status, status, 200)
    const { call, retries } = service(longMs)

    expect(await call(wrap)).toMatchObject({ keyName: 'transit/holdfast' })
    expect(vault.calls).toHaveLength(3)
    expect(retries.map(({ error }) => error.fault)).toEqual([fault, fault])
    for (const { retryInMs } of retries) expect(retryInMs).toBeGreaterThanOrEqual(200)
  })

  test('a service that stays away is asked again until the wait is over, and then its own fault is told', async () => {
    vault.answerWith(503)
    const { call, retries } = service(longMs)

    const error = await failureOf(call(slowWrap().call))

    expect(error).toBeInstanceOf(KeyWrapperError)
    expect(error).toMatchObject({ fault: 'unreachable', isTemporary: true })
    expect([vault.calls.length, retries.length]).toEqual([3, 2])
  })

  test('a port where nobody listens is asked again too', async () => {
    const { environment } = vault
    await vault[Symbol.asyncDispose]()
    const { call, retries } = service(longMs, environment)
    const slow = slowWrap()

    expect(await failureOf(call(slow.call))).toMatchObject({ fault: 'unreachable' })
    expect([slow.calls(), retries.length]).toEqual([3, 2])
    vault = await startVaultPeer()
  })
})

describe('what needs an operator fails at once', () => {
  test.each([
    [403, 'denied'],
    [404, 'not_found'],
    [400, 'refused'],
  ])('a %i is not asked again', async (status, fault) => {
    vault.answerWith(status)
    const { call, retries } = service(longMs)

    expect(await failureOf(call(wrap))).toMatchObject({ fault, isTemporary: false })
    expect(vault.calls).toHaveLength(1)
    expect(retries).toEqual([])
  })

  test('a 403 after a 503 ends the asking', async () => {
    vault.answerWith(503, 403)
    const { call } = service(longMs)

    expect(await failureOf(call(wrap))).toMatchObject({ fault: 'denied' })
    expect(vault.calls).toHaveLength(2)
  })

  test('an environment without an address and a token is told without a call', async () => {
    const { call, retries } = service(longMs, {})

    expect(await failureOf(call(wrap))).toMatchObject({ fault: 'misconfigured' })
    expect(retries).toEqual([])
  })

  test('an error that is not of the wrapper passes as it is', async () => {
    const { call } = service(longMs)
    const own = new Error('of the caller')

    expect(await failureOf(call(() => Promise.reject(own)))).toBe(own)
  })
})

test('no message holds the token', async () => {
  for (const status of [503, 403]) {
    vault.answerWith(status)
    const error = await failureOf(service(300).call(wrap))
    expect(`${error.message} ${error.stack} ${String(error.cause)}`).not.toContain('token-of-a-test')
  }
})
