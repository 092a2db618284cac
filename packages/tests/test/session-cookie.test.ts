import { createProxiedFetch, type RunningServer } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, signedInView, signIn } from '../src/sign-in.ts'

/** What the server makes of a Cookie header, sent as it stands. */
async function stateWith(server: RunningServer, cookie: string): Promise<string> {
  const fetch = createProxiedFetch(server.port)
  const answer = await fetch(`${server.origin}/auth/session`, { headers: { cookie } })
  expect(answer.status).toBe(200)
  return ((await answer.json()) as { state: string }).state
}

test('a cookie that was planted before the sign-in is not signed in by it: the session gets a new id', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, server)
  const attacker = await visitor.twin()
  const planted = await visitor.token(server)

  signedInView(await visitor.at(server).verify({ code }))

  expect(await visitor.token(server)).not.toBe(planted)
  expect(await attacker.at(server).session()).toMatchObject({ view: { state: 'anonymous' } })
})

test('a cookie that nobody signed is anonymous, whatever part of it is forged', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor } = await signIn(holdfast, server)
  const token = await visitor.token(server)
  const [version = '', kid = '', sessionId = '', mac = ''] = token.split('.')
  const other = await signIn(holdfast, server)
  const otherMac = (await other.visitor.token(server)).split('.')[3] ?? ''
  expect(await stateWith(server, `holdfast=${token}`)).toBe('signed_in')

  const forged = {
    'the mac of another session': [version, kid, sessionId, otherMac],
    'a mac of zeros': [version, kid, sessionId, 'A'.repeat(mac.length)],
    'no mac': [version, kid, sessionId, ''],
    'another session id': [version, kid, sessionId.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), mac],
    'an unknown key': [version, 'aaaaaaaa', sessionId, mac],
    'another version': ['v2', kid, sessionId, mac],
    'one character too many': [version, kid, sessionId, `${mac}A`],
    'one character too few': [version, kid, sessionId, mac.slice(1)],
  }
  for (const [name, parts] of Object.entries(forged)) {
    expect.soft(await stateWith(server, `holdfast=${parts.join('.')}`), name).toBe('anonymous')
  }
  expect(await stateWith(server, 'holdfast=')).toBe('anonymous')
  expect(await stateWith(server, `holdfast=${'A'.repeat(4000)}`)).toBe('anonymous')
})

test('a good cookie holds beside a damaged one of its name, and two good ones are both refused', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const ada = await (await signIn(holdfast, server)).visitor.token(server)
  const eve = await (await signIn(holdfast, server)).visitor.token(server)

  expect(await stateWith(server, `holdfast=stale; holdfast=${ada}`)).toBe('signed_in')
  expect(await stateWith(server, `holdfast=${ada}; holdfast=${ada}`)).toBe('signed_in')
  expect(await stateWith(server, `holdfast=${ada}; holdfast=${eve}`)).toBe('anonymous')
})

test('a sign-out holds although slower requests of the same session are answered after it', async () => {
  const holdfast = await createInstallation({ LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '0' })
  const server = await holdfast.start()
  const { visitor, email } = await signIn(holdfast, server)
  const tabs = await Promise.all(Array.from({ length: 20 }, () => visitor.twin()))

  const [signedOut] = await Promise.all([
    visitor.at(server).logout(),
    ...tabs.flatMap((tab) => [tab.at(server).send({ email }), tab.at(server).session()]),
  ])
  expect(signedOut).toMatchObject({ ok: true })

  const states = await Promise.all(tabs.map(async (tab) => tab.at(server).session()))
  expect(states.filter((answer) => !answer.ok || answer.view.state === 'signed_in')).toEqual([])
  expect(await visitor.countsAt(server)).toMatchObject({ liveSignIns: 0 })
})

test('a sign-out removes the cookie with the attributes that it was set with', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor } = await signIn(holdfast, server)

  await visitor.at(server).logout()

  const removal = visitor.lastSetCookie()
  expect(removal).toMatchObject({ key: 'holdfast', value: '', path: '/', httpOnly: true, sameSite: 'lax' })
  expect(removal.expiryTime()).toBeLessThan(Date.now())
})
