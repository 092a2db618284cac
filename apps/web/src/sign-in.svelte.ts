import {
  type Answer,
  type CallOptions,
  type Client,
  isOutage,
  type Problem,
  type SessionView,
} from '@holdfast/client'
import { type Action, type Asked, Calls } from './calls.svelte.ts'
import { readCodeInput } from './code/find-code.ts'
import { type Draft, type DraftMemory, emptyDraft } from './draft.ts'
import { findLack } from './find-lack.ts'
import { nextLookInMs } from './next-look.ts'
import type { Lack, PageData } from './page-data.ts'
import type { ServerClock } from './server-clock.ts'
import type { News, SignInOptions } from './sign-in-options.ts'
import { type Step, stepOf } from './step.ts'
import type { Typed } from './typed.ts'
import { viewAfterProblem } from './view-after-problem.ts'
import type { WayBack } from './way-back.ts'

/**
 * The state of the page. Where the person is comes from the server's SessionView alone; kept here are what they
 * typed, what was last refused, and which request is under way. Every request of the page is made here.
 */
export class SignIn {
  view = $state.raw<SessionView | null>(null)
  /** Why the session that the browser came with, or that this page had, is over. */
  lack = $state.raw<Lack | null>(null)
  problem = $state.raw<Problem | null>(null)
  /** What was asked for when the problem came; null where the page came with it. */
  refusedAction = $state<Action | null>(null)
  news = $state<News | null>(null)
  email = $state('')
  code = $state('')
  nowMs = $state(0)
  /** Whether this code runs in a browser: else the page is forms alone. */
  isLive = $state(false)
  /** Another step has been here on this page before. */
  hasMovedOn = false
  hasJustSignedIn = false
  unsent: PageData['unsent'] = null
  lastCodeTried = $state('')

  step: Step = $derived(stepOf(this.view, this.problem !== null || this.outage !== null, this.nowMs))
  verification = $derived(this.view?.state === 'code_sent' ? this.view.verification : null)

  readonly wayBack: WayBack
  #calls: Calls
  #client: Client
  #clock: ServerClock
  #draft: DraftMemory
  #tellOtherTabs: () => void
  #wrongCode = $state('')
  #isCodeToBeTried = false
  #looksWithoutNews = 0
  #lookTimer: ReturnType<typeof setTimeout> | undefined
  #waitEndsAtMs = Number.POSITIVE_INFINITY

  constructor({ client, tryNow, clock, wayBack, draft, tellOtherTabs, start }: SignInOptions) {
    this.wayBack = wayBack
    this.#calls = new Calls(tryNow)
    this.#client = client
    this.#clock = clock
    this.#draft = draft
    this.#tellOtherTabs = tellOtherTabs
    this.nowMs = start?.nowMs ?? clock.nowMs()
    if (start === undefined) return
    this.view = start.view
    this.lack = start.lack
    this.problem = start.problem
    this.news = start.news
    this.email = start.email
    this.hasJustSignedIn = start.hasJustSignedIn
    this.unsent = start.unsent
    this.code = start.unsent?.code ?? ''
    this.#isCodeToBeTried = this.code !== ''
    if (start.problem !== null) this.#noteEndOfWait(start.problem)
  }

  get busyWith(): Action | null {
    return this.#calls.busyWith
  }

  /** How the service came to be out of reach; the call that is under way goes on until it answers. */
  get outage(): Problem | null {
    return this.#calls.outage
  }

  tryNow(): void {
    this.#calls.tryNow()
  }

  /** Comes to life: what stood on the page so far was only to be seen, and its forms led to a new page. */
  begin(): void {
    this.isLive = true
    this.tick()
    if (this.view?.state === 'signed_in') this.wayBack.followOnArrival()
    if (this.problem !== null && isOutage(this.problem)) {
      this.#calls.beginOutage(this.problem)
      this.problem = null
    }
    if (this.view === null || this.outage !== null) this.look()
    else this.#goOn()
  }

  /**
   * Takes over what was typed before, into this page or, by the draft, into the one that was here. A whole code that
   * was just typed is tried; one that a browser has filled into a page of its history may be an old one.
   */
  keep({ email, code, isNew }: Typed): void {
    if (email !== '') this.email = email
    this.#restoreDraft()
    const codeLength = this.verification?.codeLength ?? 0
    const digits = readCodeInput(code, codeLength) ?? ''
    if (digits === '' || digits === this.code) return
    this.code = digits
    this.#isCodeToBeTried = isNew && digits.length === codeLength
  }

  /** Keeps what a later page of this tab has to go on with, and nothing longer than that. */
  keepDraft(): void {
    if (this.view !== null) this.#draft.write(this.#draftNow())
  }

  tick(): void {
    this.nowMs = this.#clock.nowMs()
    if (this.problem === null || this.nowMs < this.#waitEndsAtMs) return
    this.problem = null
    this.news = 'news.canTryAgain'
  }

  /** Reads the step from the server. A call that waits for the service is what is to be answered first. */
  async look(): Promise<void> {
    if (!this.#calls.isIdle) return this.tryNow()
    // A phone that wakes up has no network for a moment. One look that fails unasked is not worth a word.
    const mayFailOnce = this.view !== null
    const wasSignedIn = this.view?.state === 'signed_in'
    const found: { lack: Lack | null } = { lack: null }
    const call = async (options: CallOptions) => {
      const answer = await this.#client.session(options)
      if (this.#isEndedBy(answer)) found.lack = await findLack(this.#client, options)
      return answer
    }
    const answer = await this.#calls.make({ for: 'look' }, call, { mayFailOnce })
    if (!answer) return
    this.#take(answer, 'look')
    if (found.lack === null) return
    this.lack = { ...found.lack, wasSignedIn }
    this.news = null
  }

  /** Takes what the address field holds now. One that still waits to be sent is not wanted any more. */
  enterAddress(email: string): void {
    this.email = email
    if (this.busyWith !== 'send' || this.outage === null) return
    this.#calls.stop()
    this.look()
  }

  async send(): Promise<void> {
    const email = this.email.trim()
    await this.#act({ for: 'send', input: email }, (options) => this.#client.send({ email }, options))
  }

  async resend(): Promise<void> {
    const isDone = await this.#act({ for: 'resend' }, (options) => this.#client.resend(options))
    if (isDone) this.news = 'news.resent'
  }

  /** Takes what the code field holds now, and tries a complete code once by itself. */
  enterCode(digits: string): void {
    if (this.busyWith === 'verify') return
    this.code = digits
    const isComplete = digits.length === this.verification?.codeLength
    if (isComplete && digits !== this.lastCodeTried) this.verify()
  }

  async verify(): Promise<void> {
    const code = this.code
    // Enter after the last digit: the code was tried by itself a moment ago, and trying it again would cost a try.
    if (this.problem?.code === 'code_incorrect' && code === this.#wrongCode) return
    this.lastCodeTried = code
    await this.#act({ for: 'verify', input: code }, (options) => this.#client.verify({ code }, options))
  }

  async useAnotherAddress(): Promise<void> {
    await this.#act({ for: 'cancel' }, (options) => this.#cancel(options))
  }

  async signOut(everywhere: boolean): Promise<void> {
    const call = (options: CallOptions) => this.#client.logout({ everywhere }, options)
    const isDone = await this.#act({ for: 'sign_out', input: String(everywhere) }, call)
    if (isDone) this.news = everywhere ? 'news.youSignedOutEverywhere' : 'news.youSignedOut'
  }

  /** Ends the call under way, and the looks that the page makes by itself. */
  stop(): void {
    this.#calls.stop()
    clearTimeout(this.#lookTimer)
  }

  /** Whether somebody who was on their way, or signed in, is so no more, without having asked for it here. */
  #isEndedBy(answer: Answer): boolean {
    const isUnderWay = this.view !== null && this.view.state !== 'anonymous'
    return isUnderWay && answer.ok && answer.view.state === 'anonymous'
  }

  /** Where the session stands after that only the server knows: somebody may have been signed in before. */
  async #cancel(options: CallOptions): Promise<Answer> {
    const done = await this.#client.cancel(options)
    return done.ok ? this.#client.session(options) : done
  }

  async #act(
    asked: Asked & { for: Action },
    call: (options: CallOptions) => Promise<Answer>,
  ): Promise<boolean> {
    const answered = this.#calls.make(asked, call)
    if (this.busyWith === asked.for) this.news = null
    const answer = await answered
    if (answer) this.#take(answer, asked.for)
    return answer?.ok ?? false
  }

  #take(answer: Answer, asked: Asked['for']): void {
    if (answer.answeredAtMs !== undefined) this.#clock.hear(answer.answeredAtMs)
    this.tick()
    this.#looksWithoutNews = asked === 'look' && this.outage === null ? this.#looksWithoutNews + 1 : 0
    if (answer.ok) this.#accept(answer.view, asked)
    else this.#refuse(answer.problem, asked)
    this.#calls.endOutage()
    if (answer.ok && asked !== 'look') this.#tellOtherTabs()
    this.#goOn()
  }

  #goOn(): void {
    clearTimeout(this.#lookTimer)
    const isToBeTried = this.#isCodeToBeTried
    this.#isCodeToBeTried = false
    if (isToBeTried && this.step === 'code') return void this.verify()
    const lookInMs = nextLookInMs(this.view, this.#looksWithoutNews)
    if (lookInMs !== null) this.#lookTimer = setTimeout(() => this.look(), lookInMs)
  }

  #accept(view: SessionView, asked: Asked['for']): void {
    const before = this.view?.state
    const isNewStep = before !== view.state
    if (before !== undefined && isNewStep) this.hasMovedOn = true
    if (asked === 'look' && before) {
      if (isNewStep) this.news = newsOf(before, view.state)
      else if (this.outage) this.news = 'news.reconnected'
    }
    if (asked !== 'look' || isNewStep || this.outage) this.problem = null
    if (view.state !== 'code_sent' || asked === 'send') this.#forgetCode()
    if (view.state === 'signed_in') this.email = ''
    if (view.state !== 'anonymous') this.lack = null
    this.view = view
    if (before === undefined) this.#restoreDraft()
    if (view.state !== 'signed_in' || !isNewStep) return
    if (before === undefined) this.wayBack.followOnArrival()
    else this.wayBack.follow()
  }

  #refuse(problem: Problem, asked: Asked['for']): void {
    if (this.view) {
      const before = this.view.state
      this.view = viewAfterProblem(this.view, problem, this.nowMs)
      if (before !== this.view.state) this.hasMovedOn = true
    }
    const isAlreadyGone = asked === 'cancel' && problem.code === 'verification_session_not_found'
    this.problem = isAlreadyGone ? null : problem
    this.refusedAction = asked === 'look' ? null : asked
    this.#noteEndOfWait(problem)
    if (problem.code === 'code_incorrect') this.#wrongCode = this.code
    if (this.step === 'address') this.#forgetCode()
  }

  #draftNow(): Draft {
    if (this.step === 'address') return { ...emptyDraft, email: this.email }
    const isWrong = this.code === this.#wrongCode
    if (this.step !== 'code' || this.verification === null || isWrong) return emptyDraft
    return { ...emptyDraft, code: this.code, reference: this.verification.reference }
  }

  /** A whole code in a draft is one that was sent and not answered: it goes on being tried. */
  #restoreDraft(): void {
    const draft = this.#draft.read()
    if (this.step === 'address' && this.email === '') this.email = draft.email
    if (this.step !== 'code' || draft.reference !== this.verification?.reference) return
    this.code = draft.code
    this.#isCodeToBeTried = draft.code.length === this.verification.codeLength
  }

  #noteEndOfWait(problem: Problem): void {
    const waitInSeconds = problem.code === 'rate_limited' && problem.retryAfterInSeconds
    this.#waitEndsAtMs = waitInSeconds ? this.nowMs + waitInSeconds * 1000 : Number.POSITIVE_INFINITY
  }

  #forgetCode(): void {
    this.code = ''
    this.lastCodeTried = ''
    this.#wrongCode = ''
  }
}

function newsOf(before: SessionView['state'], now: SessionView['state']): News | null {
  if (now !== 'anonymous') return null
  return before === 'signed_in' ? 'news.wereSignedOut' : 'news.noLongerOpen'
}
