import { kidOf, type RunningServer } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { keySigns, ringReloaded, rotate } from '../src/key-ring-events.ts'
import { readMetric } from '../src/server-metrics.ts'
import { askForCode, handedOver, signedInView, signIn } from '../src/sign-in.ts'
import { type Resident, SignInLoad } from '../src/sign-in-load.ts'

const unlimited = {
  LIMIT_SENDS_PER_IP_PER_HOUR: '0',
  LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '0',
  LIMIT_SENDS_PER_ADDRESS_PER_DAY: '0',
  LIMIT_SENDS_PER_HOUR: '0',
}

async function expectNothingLost(
  load: SignInLoad,
  servers: readonly RunningServer[],
  kid: string,
): Promise<void> {
  expect(load.faults).toEqual([])
  for (const server of servers) {
    expect(await readMetric(server, 'holdfast_key_verifications_total', 'state="unknown"')).toBe(0)
    for (const { visitor, view } of [...load.residents, ...load.newcomers.slice(-10)]) {
      expect(signedInView(await visitor.at(server).session())).toEqual(view)
    }
  }
  for (const resident of load.residents) expectOneWholeReissue(resident, kid)
}

/** The cookie was re-issued once, under the new key, with the whole set of attributes. */
function expectOneWholeReissue({ visitor, cookiesBefore }: Resident, kid: string): void {
  expect(visitor.setCookies).toHaveLength(cookiesBefore + 1)
  const cookie = visitor.lastSetCookie()
  expect(cookie).toMatchObject({ key: 'holdfast', httpOnly: true, sameSite: 'lax', path: '/', domain: null })
  expect(kidOf(cookie.value)).toBe(kid)
  const daysLeft = ((cookie.expiryTime() ?? 0) - Date.now()) / 86_400_000
  expect(daysLeft).toBeGreaterThan(29.9)
  expect(daysLeft).toBeLessThan(30.1)
}

test('a rotation under load over three servers that reload at different moments rejects nothing and re-issues each cookie once', async () => {
  const holdfast = await createInstallation({ ...unlimited, KEY_RELOAD_SECONDS: '1' })
  const servers = [await holdfast.start(), await holdfast.start(), await holdfast.start()]
  const load = new SignInLoad(holdfast, servers)
  await load.start()
  await load.rounds(2)

  const { kid } = await rotate(holdfast)
  await Promise.all(servers.map((server) => keySigns(server, kid)))
  await load.rounds(5)
  await load.stop()

  await expectNothingLost(load, servers, kid)
  for (const { process } of servers) {
    const messages = process.logs.filter((line) => line.level !== 'info').map((line) => line.message)
    expect(messages.filter((message) => message.includes('key'))).toEqual([])
  }
})

test('a key that signs at once is looked up by the servers that would not have looked for five minutes', async () => {
  const holdfast = await createInstallation({ ...unlimited, KEY_RELOAD_SECONDS: '300' })
  const [first, ...others] = [
    await holdfast.start({ env: { KEY_RELOAD_SECONDS: '1' } }),
    await holdfast.start(),
    await holdfast.start(),
  ]
  const servers = [first, ...others]
  const load = new SignInLoad(holdfast, servers)
  await load.start()
  await load.rounds(2)

  const { kid, epoch } = await rotate(holdfast, '--in', '0')
  const reloads = await Promise.all(servers.map((server) => ringReloaded(server, epoch)))
  await load.rounds(5)
  await load.stop()

  expect(reloads.map(({ cause }) => cause)).toEqual(['poll', 'unknown_kid', 'unknown_kid'])
  await expectNothingLost(load, servers, kid)
})

test('a server that was stopped during the rotation accepts, once it wakes, what the new key has signed', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '1' })
  const awake = await holdfast.start()
  const asleep = await holdfast.start()
  const earlier = await signIn(holdfast, awake)
  await handedOver(earlier, awake, asleep)
  asleep.process.signal('SIGSTOP')

  const { kid } = await rotate(holdfast)
  await keySigns(awake, kid)
  const { visitor, view } = await signIn(holdfast, awake)
  const waiting = await askForCode(holdfast, awake)
  expect(kidOf(await visitor.token(awake))).toBe(kid)
  asleep.process.signal('SIGCONT')

  expect(signedInView(await visitor.at(asleep).session())).toEqual(view)
  signedInView(await waiting.visitor.at(asleep).verify({ code: waiting.code }))
  expect(signedInView(await earlier.visitor.at(asleep).session())).toEqual(earlier.view)
})
