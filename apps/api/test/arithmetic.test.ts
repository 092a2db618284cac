import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { guessWaitMs } from '@holdfast/core'
import { serverVariables } from '@holdfast/settings'
import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'

/*
 * The numbers of docs/security.md, "The arithmetic", from the defaults of the variables.
 */

const security = await readFile(join(import.meta.dirname, '../../../docs/security.md'), 'utf8')
const defaultOf = (name: keyof typeof serverVariables.shape) =>
  Number(serverVariables.shape[name].parse(undefined))

const codesADay = defaultOf('LIMIT_SENDS_PER_ADDRESS_PER_DAY')
const codesEach = defaultOf('OTP_MAX_SENDS')
const tries = defaultOf('OTP_MAX_ATTEMPTS')
const budget = defaultOf('LIMIT_WRONG_PER_ADDRESS_PER_DAY')
const codeLifetimeMs = defaultOf('OTP_TTL_SECONDS') * 1000
const digits = defaultOf('OTP_LENGTH')
const dayMs = 86_400_000
const longestSendWaitMs = 15 * 60_000

/** Before the verification that spends the budget makes its last guess, the others have come to no more. */
const ofOthers = budget - tries
const mostADay = codesADay + codesEach * (tries - 1) + (ofOthers * (tries - 1)) / tries
const mostAnHour = defaultOf('LIMIT_SENDS_PER_HOUR') * tries

function percent(chances: number, codeDigits: number, times = 1): string {
  const once = chances / 10 ** codeDigits
  return `${((1 - (1 - once) ** times) * 100).toPrecision(2)} %`
}

const grouped = (count: number) => count.toLocaleString('en-US')

/** What one session after the other comes to in a day, once the budget is spent, with the codes that are left. */
function guessesAfterBudget(): number {
  let guesses = 0
  let guessedAtMs = 0
  const waitsUntilMs = () => guessedAtMs + guessWaitMs(guesses)
  for (let codes = codesADay - budget / tries; codes > 0; codes--) {
    const sentAtMs = Math.min(waitsUntilMs(), guessedAtMs + longestSendWaitMs)
    let atMs = sentAtMs
    for (let tried = 0; tried < tries && atMs < Math.min(sentAtMs + codeLifetimeMs, dayMs); tried++) {
      guesses += 1
      guessedAtMs = atMs
      atMs = waitsUntilMs()
    }
  }
  return guesses
}

test.each([
  [
    'one session after the other, one code each',
    `${budget} guesses, then ${guessesAfterBudget()} more in the rest of the day`,
  ],
  ['the most chances in a day', String(mostADay)],
  ['a right guess in a day', percent(mostADay, digits)],
  ['a right guess in a year', percent(mostADay, digits, 365)],
  ['the same with `OTP_LENGTH=8`, in a year', percent(mostADay, 8, 365)],
  ['the most chances in an hour', grouped(mostAnHour)],
  ['a right guess at some address, in an hour', percent(1, digits, mostAnHour)],
  ['the same with `OTP_LENGTH=8`', percent(1, 8, mostAnHour)],
  [
    `networks it takes, at ${defaultOf('LIMIT_SENDS_PER_IP_PER_HOUR')} sends an hour each`,
    String(Math.ceil(defaultOf('LIMIT_SENDS_PER_HOUR') / defaultOf('LIMIT_SENDS_PER_IP_PER_HOUR'))),
  ],
])('docs/security.md says of "%s": %s', (what, number) => {
  expect(security).toContain(`| ${what} | ${number} |`)
})

test('docs/security.md names the defaults that it reckons with', () => {
  for (const text of [
    `one chance in ${grouped(10 ** digits)}`,
    `at most ${codesADay} codes a day`,
    `at most ${codesEach} of them and takes at most ${tries} guesses`,
    `At ${budget} the budget is spent`,
    `at most ${ofOthers} chances of the others before, of which ${(ofOthers * (tries - 1)) / tries} are not the first`,
    `1 minute, doubled by each further\nchance up to a day`,
  ]) {
    expect(security).toContain(text)
  }
  expect([guessWaitMs(0), guessWaitMs(1), guessWaitMs(99)]).toEqual([60_000, 120_000, dayMs])
})

test('once the verification that spends the budget has guessed, a wait is longer than a code lives', () => {
  expect(guessWaitMs(codesEach * tries - budget)).toBeGreaterThan(codeLifetimeMs)
})

const email = 'ada@example.com'

async function begin(app: RunningApp): Promise<Browser> {
  const browser = app.newBrowser()
  await app.beginVerification(browser, email)
  return browser
}

/** One that is none of the codes that were mailed. */
function wrong(app: RunningApp): string {
  const codes = app.mails.all.map(({ code }) => code)
  for (let offset = 1; ; offset++) {
    const guess = wrongCode(codes[0] ?? '', offset)
    if (!codes.includes(guess)) return guess
  }
}

async function guess(app: RunningApp, browser: Browser, times: number): Promise<void> {
  for (let time = 1; time <= times; time++) expect((await browser.verify(wrong(app))).status).toBe(403)
}

test('the attack that makes the most of every rule has that many chances in a day, and not one more', async () => {
  const defaults = Object.fromEntries(
    (
      [
        'LIMIT_SENDS_PER_ADDRESS_PER_HOUR',
        'LIMIT_SENDS_PER_ADDRESS_PER_DAY',
        'LIMIT_SENDS_PER_HOUR',
        'LIMIT_WRONG_PER_ADDRESS_PER_DAY',
      ] as const
    ).map((name) => [name, String(defaultOf(name))]),
  )
  await using app = await startApp({ environment: defaults })
  // Around the end of an hour, what two hours allow can be sent within the life of a code.
  await guess(app, await begin(app), tries)
  app.advance(57 * 60_000)
  await guess(app, await begin(app), tries)
  await guess(app, await begin(app), tries)
  const spender = await begin(app)
  for (let resend = 1; resend < codesEach; resend++) {
    app.advance(30_000)
    expect((await spender.resend()).status).toBe(202)
    await app.mails.next(email)
  }
  const others = [await begin(app), await begin(app)]
  app.advance(60_000)
  for (let send = 1; send <= 10; send++) others.push(await begin(app))
  expect(app.mails.all).toHaveLength(codesADay)

  await guess(app, spender, tries)
  for (const other of others) await guess(app, other, 1)

  const [row] = readStore(app.storePath, "SELECT count FROM limits WHERE key LIKE 'wrong|%'")
  expect(row).toEqual({ count: mostADay })
  for (const other of others) expect((await other.verify(wrong(app))).status).toBe(429)
  expect((await app.newBrowser().send(email)).status).toBe(429)
})
