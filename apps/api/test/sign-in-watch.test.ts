import { describe, expect, test } from 'vitest'
import { hourMs } from '../src/sign-in/limit-window.ts'
import { SignInWatch } from '../src/sign-in/sign-in-watch.ts'
import { exchange } from './http-exchange.ts'
import { readSamples } from './prometheus-text.ts'
import { recordLog } from './recorded-log.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

async function alarmsOf(app: RunningApp): Promise<Record<string, number>> {
  const { text } = await exchange({
    port: app.port,
    method: 'GET',
    path: '/metrics',
    headers: { Host: app.host },
  })
  const alarms = readSamples(text).filter(({ name }) => name === 'holdfast_alarms_total')
  return Object.fromEntries(alarms.map(({ labels, value }) => [labels.alarm, value]))
}

async function sendMany(app: RunningApp, count: number): Promise<void> {
  for (let at = 1; at <= count; at++) await app.newBrowser().send(`person${at}@example.com`)
}

describe('R22: the ceiling of all sends', () => {
  test('is warned of once at 80 %, and raises one alarm when it is reached, however many are refused', async () => {
    await using app = await startApp({ environment: { LIMIT_SENDS_PER_HOUR: '10' } })
    await sendMany(app, 7)
    expect(await alarmsOf(app)).toMatchObject({ sends_near_ceiling: 0, sends_at_ceiling: 0 })

    await sendMany(app, 20)

    expect(app.log.events('warn')).toEqual([
      expect.objectContaining({
        message: 'all sends together come near their ceiling',
        sends: 8,
        ceiling: 10,
      }),
    ])
    expect(app.log.events('error')).toEqual([
      expect.objectContaining({
        message: 'all sends together are at their ceiling: nobody gets a code',
        sends: 10,
        until: new Date(app.clock.nowMs + hourMs).toISOString(),
      }),
    ])
    expect(await alarmsOf(app)).toMatchObject({ sends_near_ceiling: 1, sends_at_ceiling: 1 })
  })

  test('raises its alarm again in the next hour, and in a process that only sees refusals', async () => {
    const first = await startApp({ environment: { LIMIT_SENDS_PER_HOUR: '5' } })
    await sendMany(first, 6)
    await using app = await startApp(await first.leave())
    await sendMany(app, 3)
    expect(await alarmsOf(app)).toMatchObject({ sends_near_ceiling: 0, sends_at_ceiling: 1 })
    app.advance(hourMs)

    await sendMany(app, 6)

    expect(await alarmsOf(app)).toMatchObject({ sends_near_ceiling: 1, sends_at_ceiling: 2 })
  })

  test('that is 0 raises none', async () => {
    await using app = await startApp()
    await sendMany(app, 30)

    expect(Object.values(await alarmsOf(app))).toEqual([0, 0, 0])
  })
})

describe('R60: one guess at each of many addresses', () => {
  test('raises one alarm, in the log without an address and in the metrics', async () => {
    await using app = await startApp()
    await Promise.all(
      Array.from({ length: 130 }, async (_, at) => {
        const email = `account${at}@example.com`
        const attacker = app.newBrowser()
        await attacker.send(email)
        const { code } = await app.mails.next(email)
        expect((await attacker.verify(wrongCode(code))).status).toBe(403)
      }),
    )

    const alarms = app.log.events('error')
    expect(alarms).toEqual([
      expect.objectContaining({
        message: 'guesses are wrong at many addresses: somebody may be trying codes at all of them',
        addresses: 100,
        signedIn: 0,
      }),
    ])
    expect(JSON.stringify(alarms)).not.toContain('@')
    expect(await alarmsOf(app)).toMatchObject({ guesses_at_many_addresses: 1 })
  })

  function watchAlone() {
    const log = recordLog({ level: 'debug', format: 'json' })
    const watch = new SignInWatch(log.logger)
    return { watch, alarms: () => watch.alarms.get('guesses_at_many_addresses'), log }
  }
  const nowMs = 1_700_000_000_000

  test.each([
    { wrong: 10_000, right: 0, alarms: 1 },
    { wrong: 99, right: 0, alarms: 0 },
    { wrong: 100, right: 300, alarms: 1 },
    { wrong: 100, right: 400, alarms: 0 },
    { wrong: 200_000, right: 0, alarms: 1 },
  ])('with $wrong wrong beside $right right ones comes to $alarms', ({ wrong, right, alarms }) => {
    const { watch, alarms: raised, log } = watchAlone()
    for (let at = 0; at < right; at++) watch.guessed(`right${at}`, true, nowMs)
    for (let at = 0; at < wrong; at++) watch.guessed(`wrong${at}`, false, nowMs)

    expect(raised()).toBe(alarms)
    expect(log.events('error')).toHaveLength(alarms)
    expect(watch.guesses).toEqual({ right, wrong })
  })

  test('is no alarm where a third of the people mistype before they sign in', () => {
    const { watch, alarms } = watchAlone()
    for (let at = 0; at < 3_000; at++) {
      if (at % 3 === 0) watch.guessed(`person${at}`, false, nowMs)
      watch.guessed(`person${at}`, true, nowMs)
    }

    expect(alarms()).toBe(0)
  })

  test('is no alarm where many wrong guesses are at few addresses, or far apart in time', () => {
    const { watch, alarms } = watchAlone()
    for (let at = 0; at < 5_000; at++) watch.guessed(`address${at % 50}`, false, nowMs)
    for (let at = 0; at < 90; at++) watch.guessed(`next-hour${at}`, false, nowMs + hourMs)

    expect(alarms()).toBe(0)
  })
})
