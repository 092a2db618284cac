import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Browser } from './browser.ts'
import type { Answer } from './http-exchange.ts'
import { wrongCode } from './recorded-mails.ts'
import { type RunningApp, startApp } from './running-app.ts'
import {
  createModel,
  expectedRefusal,
  expectedView,
  expiryOf,
  isLive,
  type LostAnswer,
  type Model,
  type ModelBrowser,
  type ModelSignIn,
  rules,
} from './sign-in-model.ts'

const browserCount = 3
const emails = ['ada@example.com', 'grace@example.com']

interface Real {
  app: RunningApp
  browsers: Browser[]
}

/** One step, done with the model and with the server: `expected` is what the model says that comes back. */
type Step = (model: Model, real: Real) => Promise<void>

function step(name: string, run: Step): fc.AsyncCommand<Model, Real> {
  return { check: () => true, run, toString: () => name }
}

function pick(model: Model, real: Real, at: number): { told: ModelBrowser; browser: Browser; nowMs: number } {
  return {
    told: model.browsers[at] as ModelBrowser,
    browser: real.browsers[at] as Browser,
    nowMs: real.app.clock.nowMs,
  }
}

function expectAnswer(answer: Answer, expected: object): void {
  expect({ status: answer.status, ...answer.body }).toMatchObject(expected)
}

const send = (at: number, email: string) =>
  step(`send(${at}, ${email})`, async (model, real) => {
    const { told, browser, nowMs } = pick(model, real, at)
    expectAnswer(await browser.send(email), { status: 202, state: 'code_sent' })
    const { code } = await real.app.mails.next(email)
    told.hasCookie = true
    told.verification = {
      email,
      state: 'pending',
      codes: [{ text: code, expiresAtMs: nowMs + rules.codeLifetimeMs }],
      attempts: 0,
      resendAtMs: nowMs + rules.resendAfterMs,
    }
  })

const resend = (at: number) =>
  step(`resend(${at})`, async (model, real) => {
    const { told, browser, nowMs } = pick(model, real, at)
    const { verification } = told
    const answer = await browser.resend()
    const refusal = expectedRefusal(told, nowMs) as { status: number } | undefined
    const isExpired = refusal?.status === 410
    if (verification === undefined || (refusal !== undefined && !isExpired)) {
      return expectAnswer(answer, refusal ?? {})
    }
    const isLast = verification.codes.length >= rules.maxSends
    if (isLast && isExpired) return expectAnswer(answer, { status: 410, code: 'code_expired' })
    if ((isLast ? expiryOf(verification) : verification.resendAtMs) > nowMs) {
      return expectAnswer(answer, { status: 429, code: 'rate_limited' })
    }
    expectAnswer(answer, { status: 202, state: 'code_sent' })
    const { code } = await real.app.mails.next(verification.email)
    verification.codes.push({ text: code, expiresAtMs: nowMs + rules.codeLifetimeMs })
    verification.resendAtMs = nowMs + rules.resendAfterMs
  })

const verifyRight = (at: number, newest: number) =>
  step(`verifyRight(${at}, ${newest})`, async (model, real) => {
    const { told, browser, nowMs } = pick(model, real, at)
    const { verification } = told
    const code = verification?.codes.at(-newest) ?? verification?.codes.at(0)
    const cookie = browser.cookie ?? ''
    const answer = await browser.verify(code?.text ?? '000000')
    const refusal = expectedRefusal(told, nowMs)
    if (refusal !== undefined || verification === undefined || code === undefined) {
      return expectAnswer(answer, refusal ?? {})
    }
    verification.attempts += 1
    // Two codes may be the same by chance.
    const isGood = verification.codes.some(
      ({ text, expiresAtMs }) => text === code.text && expiresAtMs > nowMs,
    )
    if (!isGood) return expectWrong(answer, verification.attempts)
    expectAnswer(answer, { status: 200, state: 'signed_in', account: { email: verification.email } })
    const signIn: ModelSignIn = {
      id: (answer.body.signIn as { id: string }).id,
      email: verification.email,
      lastSeenAtMs: nowMs,
      expiresAtMs: nowMs + rules.absoluteMs,
      hasEnded: false,
    }
    expect(model.signIns.map(({ id }) => id)).not.toContain(signIn.id)
    model.signIns.push(signIn)
    if (told.signIn !== undefined) told.signIn.hasEnded = true
    // Of all the tries that were taken one is left for the repetition: it has to be looked at as well.
    const attempts = Math.min(verification.attempts, rules.maxAttempts - 1)
    told.lost = { cookie, code: code.text, verifiedAtMs: nowMs, signIn, attempts, isSignedOut: false }
    told.signIn = signIn
    told.verification = undefined
  })

const verifyWrong = (at: number) =>
  step(`verifyWrong(${at})`, async (model, real) => {
    const { told, browser, nowMs } = pick(model, real, at)
    const { verification } = told
    const answer = await browser.verify(codeThatIsWrong(verification?.codes.map(({ text }) => text) ?? []))
    const refusal = expectedRefusal(told, nowMs)
    if (refusal !== undefined || verification === undefined) return expectAnswer(answer, refusal ?? {})
    verification.attempts += 1
    expectWrong(answer, verification.attempts)
  })

const verifyMalformed = (at: number) =>
  step(`verifyMalformed(${at})`, async (model, real) => {
    const { told, browser } = pick(model, real, at)
    const expected =
      told.verification === undefined ? { status: 409 } : { status: 422, code: 'code_malformed' }
    expectAnswer(await browser.verify('12 34'), expected)
  })

const cancel = (at: number) =>
  step(`cancel(${at})`, async (model, real) => {
    const { told, browser } = pick(model, real, at)
    expectAnswer(await browser.call('DELETE', '/auth/otp'), { status: 204 })
    if (told.verification !== undefined) told.verification.state = 'cancelled'
  })

const logout = (at: number, everywhere: boolean) =>
  step(`logout(${at}${everywhere ? ', everywhere' : ''})`, async (model, real) => {
    const { told, browser, nowMs } = pick(model, real, at)
    expectAnswer(await browser.logout(everywhere ? { everywhere } : undefined), { status: 204 })
    expect(browser.cookie).toBeUndefined()
    const { signIn } = told
    if (everywhere && isLive(signIn, nowMs)) {
      for (const other of model.signIns) if (other.email === signIn.email) other.hasEnded = true
    }
    if (signIn !== undefined) signIn.hasEnded = true
    Object.assign(told, { hasCookie: false, verification: undefined, signIn: undefined })
  })

const readSession = (at: number) =>
  step(`readSession(${at})`, async (model, real) => {
    const { told, browser, nowMs } = pick(model, real, at)
    const answer = await browser.session()
    const expected = expectedView(told, nowMs)
    expectAnswer(answer, { status: 200, ...expected })
    const { signIn } = told
    if (answer.body.state !== 'signed_in' || signIn === undefined) return
    if (nowMs - signIn.lastSeenAtMs >= rules.touchAfterMs) signIn.lastSeenAtMs = nowMs
  })

/** The answer to a right code never came: the code is sent again with the cookie of before. */
const repeat = (at: number) =>
  withLostAnswer('repeat', at, async (lost, before, nowMs, told) => {
    const answer = await before.verify(lost.code)
    if (!isRepeatable(lost, nowMs)) return expectAnswer(answer, { status: 409, reason: 'verification_used' })
    expectAnswer(answer, { status: 200, state: 'signed_in', signIn: { id: lost.signIn.id } })
    // It is the very session that the first answer brought, whatever has been done with it since.
    expectAnswer(await before.session(), { status: 200, ...expectedView(told, nowMs) })
  })

const repeatWrong = (at: number) =>
  withLostAnswer('repeatWrong', at, async (lost, before, nowMs) => {
    expectAnswer(await before.verify(wrongCode(lost.code)), { status: 409 })
    if (nowMs - lost.verifiedAtMs < rules.repeatableForMs) lost.attempts += 1
  })

/** Signing out with the cookie of before ends what its verification has led to. */
const signOutBefore = (at: number) =>
  withLostAnswer('signOutBefore', at, async (lost, before) => {
    expectAnswer(await before.logout(), { status: 204 })
    lost.signIn.hasEnded = true
  })

const advance = (milliseconds: number) =>
  step(`advance(${milliseconds})`, async (model, { app }) => {
    app.advance(milliseconds)
    if (milliseconds < 0) model.isSetBack = true
  })

const rotate: fc.AsyncCommand<Model, Real> = {
  // A key made on a clock that was set back does not take over from one whose time is yet to come.
  check: (model) => !model.isSetBack,
  run: (_model, { app }) => app.rotate(),
  toString: () => 'rotate()',
}

const restart = step('restart()', async (_model, real) => {
  real.app = await startApp(await real.app.leave())
})

function withLostAnswer(
  name: string,
  at: number,
  run: (lost: LostAnswer, before: Browser, nowMs: number, told: ModelBrowser) => Promise<void>,
): fc.AsyncCommand<Model, Real> {
  return {
    check: (model) => model.browsers[at]?.lost !== undefined,
    async run(model, real) {
      const { told, nowMs } = pick(model, real, at)
      const before = real.app.newBrowser()
      before.cookie = told.lost?.cookie
      await run(told.lost as LostAnswer, before, nowMs, told)
    },
    toString: () => `${name}(${at})`,
  }
}

function isRepeatable({ verifiedAtMs, attempts, signIn }: LostAnswer, nowMs: number): boolean {
  const isInTime = nowMs - verifiedAtMs < rules.repeatableForMs
  return isInTime && attempts < rules.maxAttempts && isLive(signIn, nowMs)
}

function expectWrong(answer: Answer, attempts: number): void {
  const attemptsLeft = rules.maxAttempts - attempts
  expectAnswer(answer, { status: 403, code: 'code_incorrect', attemptsLeft })
}

function codeThatIsWrong(codes: readonly string[]): string {
  for (let offset = 1; ; offset++) {
    const guess = wrongCode(codes[0] ?? '123456', offset)
    if (!codes.includes(guess)) return guess
  }
}

// The negative ones: somebody sets the clock right.
const seconds = [-3_600, -61, 1, 29, 31, 61, 300, 601, 3_700, 86_400, 8 * 86_400, 31 * 86_400]
const anyBrowser = fc.nat(browserCount - 1)
const often = <Value>(arbitrary: fc.Arbitrary<Value>, weight = 3) => ({ arbitrary, weight })
const anyStep = fc.oneof(
  often(
    fc.tuple(anyBrowser, fc.constantFrom(...emails)).map(([at, email]) => send(at, email)),
    5,
  ),
  often(anyBrowser.map(resend)),
  often(
    fc.tuple(anyBrowser, fc.integer({ min: 1, max: 3 })).map(([at, newest]) => verifyRight(at, newest)),
    6,
  ),
  often(anyBrowser.map(verifyWrong), 4),
  anyBrowser.map(verifyMalformed),
  anyBrowser.map(cancel),
  often(
    fc.tuple(anyBrowser, fc.boolean()).map(([at, everywhere]) => logout(at, everywhere)),
    2,
  ),
  often(anyBrowser.map(readSession), 6),
  often(anyBrowser.map(repeat)),
  anyBrowser.map(repeatWrong),
  anyBrowser.map(signOutBefore),
  often(
    fc.constantFrom(...seconds).map((count) => advance(count * 1000)),
    4,
  ),
  fc.constant(rotate),
  fc.constant(restart),
)

test('whatever is done in whatever order, the server answers what the contract says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands([anyStep], { maxCommands: 60, size: 'max' }), async (steps) => {
      const app = await startApp()
      const browsers = Array.from({ length: browserCount }, () => app.newBrowser())
      const real: Real = { app, browsers }
      try {
        await fc.asyncModelRun(() => ({ model: createModel(browserCount), real }), steps)
      } finally {
        await real.app[Symbol.asyncDispose]()
      }
    }),
    { numRuns: 100, seed: 4 },
  )
  // It takes a minute where nothing else runs.
}, 1_800_000)
