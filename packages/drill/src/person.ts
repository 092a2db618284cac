import { setTimeout } from 'node:timers/promises'
import type { Answer, Client } from '@holdfast/client'
import { type Action, addressOf, type Outcome } from './history.ts'
import { LostPersonError } from './lost-person-error.ts'
import type { Site } from './site.ts'
import type { ReceivedMail } from './smtp-sink.ts'
import { kidOf, Visitor } from './visitor.ts'

type Call = (client: Client) => Promise<Answer>

/** A client waits so long for an answer, and tries again so much later. */
const answerWithinMs = 6_000
const retryAfterMs = 200

/** A browser of a person's, with a name for the history. A twin has the same cookies as another had once. */
export interface Browser {
  name: string
  visitor: Visitor
}

/**
 * Somebody who signs in, as an honest client does it: whatever was not answered is unknown, and is repeated as
 * docs/api.md says. Everything that is asked and answered goes into the history.
 */
export class Person {
  readonly name: string
  readonly email: string
  browser: Browser = { name: 'first', visitor: new Visitor() }
  readonly #site: Site
  #sends = 0
  #answered = Promise.withResolvers<void>()
  #browsers = 1

  constructor(site: Site, name: string) {
    this.#site = site
    this.name = name
    this.email = addressOf(name)
  }

  /** Resolves when the next call has come to its end, whatever that is. */
  nextAnswer(): Promise<void> {
    return this.#answered.promise
  }

  /** Another browser with the cookies that this one has now. */
  async twin(): Promise<Browser> {
    this.#browsers += 1
    const name = `twin-${this.#browsers}`
    this.#site.history.add({ kind: 'browser-copied', who: this.name, from: this.browser.name, to: name })
    return { name, visitor: await this.browser.visitor.twin() }
  }

  /** The key that signed the cookie which the browser holds. */
  kid(): string {
    return kidOf(this.browser.visitor.lastSetCookie().value)
  }

  /** Asks for a code until it is certain that one was asked for. */
  async askForCode(): Promise<void> {
    const giveUpAtMs = performance.now() + this.#site.patienceMs
    for (;;) {
      this.#sends += 1
      const answer = await this.once('send', (client) => client.send({ email: this.email }))
      if (answer.ok) return
      if (!isUnknown(answer)) throw lost('asked for a code', answer)
      if (performance.now() > giveUpAtMs) throw lost('asked for a code again and again', answer)
      await setTimeout(waitMs(answer))
      // A second mail goes out where the first one was asked for: ask first.
      const view = await this.look()
      if (view.ok && view.view.state === 'code_sent') return
    }
  }

  /** Asks for another code where the one before has expired: the page offers that. */
  async askAgainIfExpired(): Promise<void> {
    const found = await this.look()
    if (!found.ok || found.view.state !== 'code_sent') return
    if (Date.parse(found.view.verification.expiresAt) > Date.now()) return
    this.#sends += 1
    const answer = await this.untilKnown('resend', (client) => client.resend())
    if (!answer.ok) throw lost('asked for another code', answer)
  }

  /** Does something else for a moment. */
  pause(): Promise<void> {
    return setTimeout(retryAfterMs)
  }

  /** Where the session stands. */
  look(browser = this.browser): Promise<Answer> {
    return this.untilKnown('session', (client) => client.session(), { browser })
  }

  /** The newest mail, once there is one. */
  newestMail(): Promise<ReceivedMail> {
    return this.#untriedMail(new Set())
  }

  /**
   * Enters the code of the newest mail, and where that is wrong of the others. Whoever has asked twice, as the first
   * answer was lost, has two mails, and cannot know which of them the session waits for.
   */
  async enterCode(browser = this.browser): Promise<Answer> {
    const tried = new Set<string>()
    for (;;) {
      const mail = await this.#untriedMail(tried)
      tried.add(mail.messageId)
      const answer = await this.enter(mail, browser)
      const isWrong = !answer.ok && answer.problem.code === 'code_incorrect'
      if (!isWrong || tried.size >= this.#sends) return answer
    }
  }

  enter(mail: ReceivedMail, browser = this.browser): Promise<Answer> {
    const call: Call = (client) => client.verify({ code: mail.code })
    return this.untilKnown('verify', call, { browser, guess: mail.messageId })
  }

  /** A guess that is none of the codes that were mailed. */
  async guessWrong(offset: number, browser = this.browser): Promise<Answer> {
    return this.once('verify', await this.#wrongGuess(offset), { browser, guess: 'wrong' })
  }

  /** Makes a call until its outcome is known. */
  async untilKnown(
    action: Action,
    call: Call,
    about: { browser?: Browser; guess?: string } = {},
  ): Promise<Answer> {
    const giveUpAtMs = performance.now() + this.#site.patienceMs
    for (;;) {
      const answer = await this.once(action, call, about)
      if (!isUnknown(answer)) return answer
      if (performance.now() > giveUpAtMs) throw lost(`repeated ${action} again and again`, answer)
      await setTimeout(waitMs(answer))
    }
  }

  /** Makes a call once, and notes what became of it. */
  async once(
    action: Action,
    call: Call,
    {
      browser = this.browser,
      guess,
      withinMs = answerWithinMs,
    }: { browser?: Browser; guess?: string; withinMs?: number } = {},
  ): Promise<Answer> {
    const { history } = this.#site
    const cookiesBefore = browser.visitor.setCookies.length
    const id = history.invoke({
      who: this.name,
      browser: browser.name,
      action,
      ...(guess === undefined ? {} : { guess }),
    })
    const answer = await call(browser.visitor.at(this.#site.nextServer(), withinMs))
    const outcome = { ...outcomeOf(answer), ...cookieIn(browser.visitor.setCookies.slice(cookiesBefore)) }
    history.add({ kind: isUnknown(answer) ? 'unknown' : answer.ok ? 'ok' : 'fail', id, outcome })
    this.#answered.resolve()
    this.#answered = Promise.withResolvers<void>()
    return answer
  }

  async #untriedMail(tried: ReadonlySet<string>): Promise<ReceivedMail> {
    const { mailServer } = this.#site.installation
    const signal = AbortSignal.timeout(this.#site.patienceMs)
    for (;;) {
      const untried = mailServer.mailsTo(this.email).filter(({ messageId }) => !tried.has(messageId))
      // Ids grow with the time at which they were made, and name the code.
      const [newest] = untried.toSorted((one, other) => (one.messageId < other.messageId ? 1 : -1))
      if (newest !== undefined) return newest
      await mailServer.mailTo(this.email, signal).catch(() => {
        throw new LostPersonError(`no mail came within ${this.#site.patienceMs / 1000} s`)
      })
    }
  }

  async #wrongGuess(offset: number): Promise<Call> {
    const mails = this.#site.installation.mailServer.mailsTo(this.email)
    const codes = new Set(mails.map(({ code }) => code))
    let guess = Number((await this.newestMail()).code)
    for (let left = offset; left > 0; left--) {
      do guess = (guess + 1) % 1_000_000
      while (codes.has(String(guess).padStart(6, '0')))
    }
    return (client) => client.verify({ code: String(guess).padStart(6, '0') })
  }
}

/** Nothing came back, or that the store did not answer: neither says whether the step was done. */
export function isUnknown(answer: Answer): boolean {
  return !answer.ok && (answer.problem.code === 'unreachable' || answer.problem.code === 'store_unavailable')
}

export function expectSignedIn(answer: Answer): void {
  if (!answer.ok || answer.view.state !== 'signed_in') throw lost('expected to be signed in', answer)
}

export function lost(doing: string, answer: Answer): LostPersonError {
  const found = answer.ok ? answer.view.state : `${answer.problem.code}: ${answer.problem.detail}`
  return new LostPersonError(`${doing}, found ${found}`)
}

function waitMs(answer: Answer): number {
  const seconds = answer.ok ? undefined : answer.problem.retryAfterInSeconds
  return seconds === undefined ? retryAfterMs : seconds * 1000
}

function outcomeOf(answer: Answer): Outcome {
  if (!answer.ok) {
    const { code } = answer.problem
    if (code === 'unreachable') return { code }
    const { attemptsLeft, reference, reason } = answer.problem
    return {
      state: 'refused',
      code,
      ...(attemptsLeft === undefined ? {} : { attemptsLeft }),
      ...(reference === undefined ? {} : { reference }),
      ...(reason === undefined ? {} : { reason }),
    }
  }
  const { view } = answer
  switch (view.state) {
    case 'anonymous':
      return { state: 'anonymous' }
    case 'code_sent':
      return {
        state: 'code_sent',
        reference: view.verification.reference,
        attemptsLeft: view.verification.attemptsLeft,
      }
    case 'signed_in':
      return { state: 'signed_in', signInId: view.signIn.id, email: view.account.email }
  }
}

/** The key that signed the cookie which came with an answer. */
function cookieIn(setCookies: readonly string[]): { cookie?: string } {
  const value = setCookies.at(-1)?.split(';')[0]?.split('=').slice(1).join('=')
  if (value === undefined) return {}
  return { cookie: value === '' ? 'removed' : kidOf(value) }
}
