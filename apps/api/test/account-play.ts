import { expect } from 'vitest'
import { exchange } from './http-exchange.ts'
import type { RunningApp } from './running-app.ts'
import { SignInWitness, sessionIdOf, type WitnessedSignIn } from './sign-in-witness.ts'
import { beginSlowly, type SlowAnswer, type SlowRequest } from './slow-request.ts'

export const browserCount = 3
const signedInAtFirst = [0, 1]
export const actions = ['ask', 'verify', 'logout', 'everywhere', 'end', 'look', 'check', 'list'] as const
export const slowActions = ['ask', 'verify', 'logout', 'everywhere', 'end'] as const

export type Step =
  | { do: (typeof actions)[number]; browser: number; target: number }
  | { do: 'slow'; what: (typeof slowActions)[number]; browser: number; target: number }
  | { do: 'stale'; browser: number }

export interface Round {
  together: Step[]
  finishesSlow: boolean
}

interface BrowserAtWork {
  cookie: string | undefined
  /** The code that was asked for last in this browser, and the cookie that it belongs to. */
  asked?: WitnessedSignIn['askedWith']
}

interface Call {
  method: string
  path: string
  cookie: string | undefined
  body?: object
  /** What a guess was asked with. */
  asked?: WitnessedSignIn['askedWith']
  targetId?: string
}

/** One account and its browsers, from three sign-ins to the end of an interleaving. */
export class AccountPlay {
  readonly witness = new SignInWitness()
  readonly #app: () => RunningApp
  readonly #email: string
  readonly #browsers: BrowserAtWork[] = Array.from({ length: browserCount }, () => ({ cookie: undefined }))
  #slow: (() => Promise<void>)[] = []

  /** `app` is the server of the moment, which may be another one after each round. */
  constructor(app: () => RunningApp, email: string) {
    this.#app = app
    this.#email = email
  }

  async begin(): Promise<void> {
    await Promise.all(
      signedInAtFirst.map(async (index) => {
        await this.#act('ask', index, index)
        await this.#act('verify', index, index)
      }),
    )
    expect(this.witness.signIns).toHaveLength(signedInAtFirst.length)
  }

  async play({ together, finishesSlow }: Round): Promise<void> {
    await Promise.all(together.map((one) => this.#take(one)))
    if (finishesSlow) await this.finishSlow()
    await this.expectEndedStaysEnded()
  }

  async end(): Promise<void> {
    await this.finishSlow()
    await this.expectEndedStaysEnded()
    await this.expectLiveLives()
    await this.expectNoRepetition()
  }

  async finishSlow(): Promise<void> {
    const slow = this.#slow
    this.#slow = []
    await Promise.all(slow.map((finish) => finish()))
  }

  async expectEndedStaysEnded(): Promise<void> {
    const over = this.witness.signIns.filter((signIn) => this.witness.mustBeOver(signIn))
    const cookies = over.flatMap((signIn) => [...signIn.cookies])
    const answers = await Promise.all(cookies.map((cookie) => this.#call('GET', '/auth/check', cookie)))
    for (const { status } of answers) expect(status).toBe(401)
  }

  async expectLiveLives(): Promise<void> {
    const live = this.witness.signIns.filter((signIn) => this.witness.mustLive(signIn))
    for (const { cookies } of live) {
      for (const cookie of cookies) expect((await this.#call('GET', '/auth/check', cookie)).status).toBe(204)
    }
  }

  /** The code that has led to a sign-in, sent again with the cookie of that time, brings none back. */
  async expectNoRepetition(): Promise<void> {
    for (const signIn of this.witness.signIns.filter((known) => this.witness.mustBeOver(known))) {
      const { cookie, code } = signIn.askedWith
      const answer = await this.#call('POST', '/auth/otp/verify', cookie, { code })
      expect((answer.body.signIn as { id: string } | undefined)?.id).not.toBe(signIn.id)
    }
    await this.expectEndedStaysEnded()
  }

  async #take(one: Step): Promise<void> {
    if (one.do === 'stale') return this.#keepStale(one.browser)
    if (one.do !== 'slow') return this.#act(one.do, one.browser, one.target)
    const call = this.#callOf(one.what, one.browser, one.target)
    if (call === undefined) return
    const slow = await beginSlowly(this.#app(), call)
    this.#slow.push(() => this.#act(one.what, one.browser, one.target, { slow, ...call }))
  }

  /** Another process read the session now, and writes back what it read when the slow requests finish. */
  async #keepStale(index: number): Promise<void> {
    const sessionId = sessionIdOf(this.#browserAt(index).cookie)
    if (sessionId === '') return
    const found = await this.#app().blobs.get(sessionId)
    if (found.ok) this.#slow.push(() => this.#app().blobs.set(sessionId, found.blob))
  }

  #callOf(what: (typeof actions)[number], index: number, target: number): Call | undefined {
    const { cookie, asked } = this.#browserAt(index)
    const targetId = this.witness.ofCookie(this.#browserAt(target).cookie)?.id ?? 'none'
    switch (what) {
      case 'ask':
        return { method: 'POST', path: '/auth/otp/send', cookie, body: { email: this.#email } }
      case 'verify':
        if (asked === undefined) return undefined
        return {
          method: 'POST',
          path: '/auth/otp/verify',
          cookie: asked.cookie,
          body: { code: asked.code },
          asked,
        }
      case 'logout':
        return { method: 'POST', path: '/auth/logout', cookie, body: {} }
      case 'everywhere':
        return { method: 'POST', path: '/auth/logout', cookie, body: { everywhere: true } }
      case 'end':
        return { method: 'DELETE', path: `/auth/sessions/${targetId}`, cookie, body: {}, targetId }
      case 'look':
        return { method: 'GET', path: '/auth/session', cookie }
      case 'check':
        return { method: 'GET', path: '/auth/check', cookie }
      case 'list':
        return { method: 'GET', path: '/auth/sessions', cookie }
    }
  }

  /** Does one thing, and has the witness see what was sent and what was answered. */
  async #act(
    what: (typeof actions)[number],
    index: number,
    target: number,
    begun?: Call & { slow: SlowRequest },
  ): Promise<void> {
    const call = begun ?? this.#callOf(what, index, target)
    if (call === undefined) return
    const { method, path, cookie, body } = call
    const send = () => begun?.slow.finish() ?? this.#call(method, path, cookie, body)
    if (what === 'ask') return this.#ask(index, send)
    const verifySentAt = this.witness.tick()
    const done = this.#endingsOf(what, cookie, call.targetId)
    const answer = await send()
    this.#keepCookies(index, answer)
    if (answer === undefined) return
    if (answer.status >= 200 && answer.status < 300) for (const isDone of done) isDone()
    if (what !== 'verify' || answer.status !== 200 || call.asked === undefined) return
    const { signIn } = answer.body as { signIn: { id: string } }
    this.witness.signedIn(signIn.id, cookieOf(answer) ?? '', { askedWith: call.asked, verifySentAt })
  }

  /** Has the witness note what a request may end, as it is sent. */
  #endingsOf(what: string, cookie: string | undefined, targetId = ''): (() => void)[] {
    const own = this.witness.ofCookie(cookie)
    const sessionId = sessionIdOf(cookie)
    if (what === 'logout' && cookie !== undefined) return [this.witness.ends({ of: 'session', sessionId })]
    if (what === 'everywhere' && cookie !== undefined)
      return [this.witness.ends({ of: 'account', sessionId })]
    if (what === 'end') {
      const one = this.witness.ends({ of: 'one', signInId: targetId })
      return own?.id === targetId ? [one, this.witness.ends({ of: 'session', sessionId })] : [one]
    }
    // A sign-in over another takes its place.
    if (what === 'verify' && own !== undefined) return [this.witness.ends({ of: 'one', signInId: own.id })]
    return []
  }

  async #ask(index: number, send: () => Promise<SlowAnswer | undefined>): Promise<void> {
    const answer = await send()
    this.#keepCookies(index, answer)
    const cookie = answer === undefined ? undefined : cookieOf(answer)
    if (answer?.status !== 202 || cookie === undefined) return
    const answeredAt = this.witness.tick()
    const { reference } = answer.body.verification as { reference: string }
    const code = await this.#codeOf(reference)
    if (code !== undefined) this.#browserAt(index).asked = { cookie, code, answeredAt }
  }

  /** The code of a verification, unless it was cancelled before it was mailed. */
  async #codeOf(reference: string): Promise<string | undefined> {
    for (;;) {
      const [row] = await this.#app().store.query(
        'SELECT id, sealed FROM verifications JOIN codes ON verificationId = id WHERE reference = ?',
        [reference],
      )
      const { id, sealed } = row as { id: string; sealed: string | null }
      const mail = this.#app().mails.all.find(({ messageId }) => messageId.includes(id))
      if (mail !== undefined || sealed === null) return mail?.code
    }
  }

  /** As a browser does: the newest answer wins, whatever was asked first. */
  #keepCookies(index: number, answer: SlowAnswer | undefined): void {
    for (const line of answer?.setCookies ?? []) {
      const pair = line.split(';', 1)[0] ?? ''
      this.#browserAt(index).cookie = pair.endsWith('=') ? undefined : pair
      if (!pair.endsWith('=')) this.witness.sawCookie(pair)
    }
  }

  #call(method: string, path: string, cookie: string | undefined, body?: object): Promise<SlowAnswer> {
    return exchange({
      port: this.#app().port,
      method,
      path,
      headers: {
        Host: this.#app().host,
        'Sec-Fetch-Site': 'same-origin',
        ...(cookie === undefined ? {} : { Cookie: cookie }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }

  #browserAt(index: number): BrowserAtWork {
    return this.#browsers[index] as BrowserAtWork
  }
}

function cookieOf(answer: SlowAnswer): string | undefined {
  const pair = answer.setCookies.at(-1)?.split(';', 1)[0]
  return pair?.endsWith('=') ? undefined : pair
}
