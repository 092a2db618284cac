import {
  type Answer,
  type CallOptions,
  type Client,
  isOutage,
  type Problem,
  type SessionView,
} from '@holdfast/client'
import type { PageData } from '@holdfast/page-data'
import { type Action, type Asked, Calls } from './calls.svelte.ts'
import { lookAtSession } from './look-at-session.ts'
import { OwnLooks } from './own-looks.ts'
import type { ServerClock } from './server-clock.ts'
import type { SignInOptions } from './sign-in-options.ts'
import { Standing } from './standing.svelte.ts'
import { tryCode } from './try-code.ts'
import { Typed } from './typed.svelte.ts'
import type { TypedBefore } from './typed-before.ts'
import type { WayBack } from './way-back.ts'

/** A sign-in on a page: what somebody can do there, and what follows. Every request of the page is made here. */
export class SignIn {
  readonly standing: Standing
  readonly typed: Typed
  readonly wayBack: WayBack
  readonly hasJustSignedIn: boolean
  readonly unsent: PageData['unsent']
  /** Whether this code runs in a browser: else the page is forms alone. */
  isLive = $state(false)

  #client: Client
  #clock: ServerClock
  #tellOtherTabs: () => void
  #calls: Calls
  #ownLooks = new OwnLooks(() => this.look())

  constructor({ client, tryNow, clock, wayBack, draft, tellOtherTabs, start }: SignInOptions) {
    this.#client = client
    this.#clock = clock
    this.#tellOtherTabs = tellOtherTabs
    this.#calls = new Calls(tryNow)
    this.standing = new Standing(this.#calls, clock, start)
    this.typed = new Typed(draft, start)
    this.wayBack = wayBack
    this.hasJustSignedIn = start?.hasJustSignedIn ?? false
    this.unsent = start?.unsent ?? null
  }

  get busyWith(): Action | null {
    return this.#calls.busyWith
  }

  /** How the service came to be out of reach; the call that is under way goes on until it answers. */
  get outage(): Problem | null {
    return this.#calls.outage
  }

  takeOver(before: TypedBefore): void {
    this.typed.takeOver(before, this.standing)
  }

  /** Comes to life: what stood on the page so far was only to be seen, and its forms led to a new page. */
  begin(): void {
    const { standing } = this
    this.isLive = true
    this.tick()
    if (standing.view?.state === 'signed_in') this.wayBack.followOnArrival()
    if (standing.problem !== null && isOutage(standing.problem)) {
      this.#calls.beginOutage(standing.problem)
      standing.problem = null
    }
    if (standing.view === null || this.outage !== null) this.look()
    else this.#goOn()
  }

  tick(): void {
    this.standing.tick()
  }

  keepDraft(): void {
    if (this.standing.view !== null) this.typed.keepDraft(this.standing)
  }

  /** Ends the call under way, and the looks that the page makes by itself. */
  stop(): void {
    this.#calls.stop()
    this.#ownLooks.stop()
  }

  tryNow(): void {
    this.#calls.tryNow()
  }

  /** Reads the step from the server. A call that is under way is what is to be answered first. */
  async look(): Promise<void> {
    if (!this.#calls.isIdle) {
      if (!this.#calls.tryNow()) this.#ownLooks.hurry()
      return
    }
    const { view } = this.standing
    const call = (options: CallOptions) => lookAtSession(this.#client, view, options)
    // A phone that wakes up has no network for a moment. One look that fails unasked is not worth a word.
    const answer = await this.#calls.make({ for: 'look' }, call, { mayFailOnce: view !== null })
    if (!answer) return
    this.#take(answer, 'look')
    if (answer.reject) this.standing.lose(answer.reject)
  }

  /** Takes what the address field holds now. One that still waits to be sent is not wanted any more. */
  enterAddress(email: string): void {
    this.typed.email = email
    if (this.busyWith !== 'send' || this.outage === null) return
    this.#calls.stop()
    this.look()
  }

  async send(): Promise<void> {
    const email = this.typed.email.trim()
    await this.#act({ for: 'send', input: email }, (options) => this.#client.send({ email }, options))
  }

  /** Takes what the code field holds now, and tries a complete code once by itself. */
  enterCode(digits: string): void {
    if (this.busyWith === 'verify') return
    this.typed.code = digits
    const isComplete = digits.length === this.standing.verification?.codeLength
    if (isComplete && digits !== this.typed.lastCodeTried) this.verify()
  }

  async verify(): Promise<void> {
    const { code } = this.typed
    // Enter after the last digit: the code was tried by itself a moment ago, and trying it again would cost a try.
    if (this.standing.problem?.code === 'code_incorrect' && this.typed.isWrongCode) return
    this.typed.lastCodeTried = code
    await this.#act({ for: 'verify', input: code }, (options) => tryCode(this.#client, code, options))
  }

  async resend(): Promise<void> {
    const isDone = await this.#act({ for: 'resend' }, (options) => this.#client.resend(options))
    if (isDone) this.standing.news = 'news.resent'
  }

  async useAnotherAddress(): Promise<void> {
    await this.#act({ for: 'cancel' }, async (options) => {
      const done = await this.#client.cancel(options)
      // Where the session stands after that only the server knows: somebody may have been signed in before.
      return done.ok ? this.#client.session(options) : done
    })
  }

  async signOut(everywhere: boolean): Promise<void> {
    const call = (options: CallOptions) => this.#client.logout({ everywhere }, options)
    const isDone = await this.#act({ for: 'logout', input: String(everywhere) }, call)
    if (isDone) this.standing.news = everywhere ? 'news.youSignedOutEverywhere' : 'news.youSignedOut'
  }

  async #act(
    asked: Asked & { for: Action },
    call: (options: CallOptions) => Promise<Answer>,
  ): Promise<boolean> {
    const answered = this.#calls.make(asked, call)
    if (this.busyWith === asked.for) this.standing.news = null
    const answer = await answered
    if (answer) this.#take(answer, asked.for)
    return answer?.ok ?? false
  }

  #take(answer: Answer, asked: Asked['for']): void {
    if (answer.answeredAtMs !== undefined) this.#clock.hear(answer.answeredAtMs)
    this.tick()
    this.#ownLooks.count(asked !== 'look' || this.outage !== null)
    if (answer.ok) this.#accept(answer.view, asked)
    else this.#refuse(answer.problem, asked)
    this.#calls.endOutage()
    if (answer.ok && asked !== 'look') this.#tellOtherTabs()
    this.#goOn()
  }

  #accept(view: SessionView, asked: Asked['for']): void {
    const before = this.standing.view?.state
    this.standing.accept(view, asked)
    this.typed.settle(view, asked === 'send')
    if (before === undefined) this.typed.restoreDraft(this.standing)
    if (view.state !== 'signed_in' || before === 'signed_in') return
    if (before === undefined) this.wayBack.followOnArrival()
    else this.wayBack.follow()
  }

  #refuse(problem: Problem, asked: Asked['for']): void {
    this.standing.refuse(problem, asked)
    if (problem.code === 'code_incorrect') this.typed.noteWrongCode()
    if (this.standing.step === 'address') this.typed.forgetCode()
  }

  #goOn(): void {
    this.#ownLooks.stop()
    if (this.typed.takeCodeToBeTried() && this.standing.step === 'code') this.verify()
    else this.#ownLooks.plan(this.standing.view)
  }
}
