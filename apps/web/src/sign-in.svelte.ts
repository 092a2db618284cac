import type { Answer, Client, Problem, SessionView } from '@holdfast/client'
import type { PlainKey } from '@holdfast/messages'
import { readCodeInput } from './code/find-code.ts'
import { isOutage, nextLookInMs } from './next-look.ts'
import type { Lack, PageData } from './page-data.ts'
import type { ServerClock } from './server-clock.ts'
import { type Step, stepOf } from './step.ts'
import type { Typed } from './typed.ts'
import { viewAfterProblem } from './view-after-problem.ts'
import type { WayBack } from './way-back.ts'

/** What has just happened, without a problem. */
export type News = Extract<PlainKey, `news.${string}`>

/** What the page begins with, as the server made it. */
export type SignInStart = Pick<
  PageData,
  'view' | 'lack' | 'problem' | 'news' | 'email' | 'hasJustSignedIn'
> & {
  nowMs: number
}

export interface SignInOptions {
  client: Client
  clock: ServerClock
  wayBack: WayBack
  /** Without one, the page asks for it. */
  start?: SignInStart
}

type Action = 'send' | 'resend' | 'verify' | 'cancel' | 'sign_out'

/**
 * The state of the page. Where the person is comes from the server's SessionView alone; kept here are what they
 * typed, what was last refused, and which request is under way. Every request of the page is made here.
 */
export class SignIn {
  view = $state.raw<SessionView | null>(null)
  /** Why the session that the browser came with is over; only the server that makes the page can tell. */
  lack = $state.raw<Lack | null>(null)
  problem = $state.raw<Problem | null>(null)
  news = $state<News | null>(null)
  busyWith = $state<Action | null>(null)
  email = $state('')
  code = $state('')
  nowMs = $state(0)
  /** Whether this code runs in a browser: else the page is forms alone. */
  isLive = $state(false)
  hasJustSignedIn = false
  lastCodeTried = $state('')

  step: Step = $derived(stepOf(this.view, this.problem !== null, this.nowMs))
  verification = $derived(this.view?.state === 'code_sent' ? this.view.verification : null)

  readonly wayBack: WayBack
  #client: Client
  #clock: ServerClock
  #turn = 0
  #looksWithoutNews = 0
  #lookTimer: ReturnType<typeof setTimeout> | undefined
  #outage: Problem | null = null
  #isCodeUnanswered = false
  #waitEndsAtMs = Number.POSITIVE_INFINITY

  constructor({ client, clock, wayBack, start }: SignInOptions) {
    this.wayBack = wayBack
    this.#client = client
    this.#clock = clock
    this.nowMs = start?.nowMs ?? clock.nowMs()
    if (start === undefined) return
    this.view = start.view
    this.lack = start.lack
    this.problem = start.problem
    this.news = start.news
    this.email = start.email
    this.hasJustSignedIn = start.hasJustSignedIn
    if (start.problem !== null) this.#noteEndOfWait(start.problem)
  }

  /** Comes to life: what stood on the page so far was only to be seen, and its forms led to a new page. */
  begin(): void {
    this.isLive = true
    this.tick()
    if (this.view?.state === 'signed_in') this.wayBack.followOnArrival()
    this.#lookLater()
  }

  /** Takes over what was typed before. A whole code is not tried by itself: a browser may have filled in an old one. */
  keep({ email, code }: Typed): void {
    if (email !== '') this.email = email
    const { codeLength = 0 } = this.verification ?? {}
    this.code = readCodeInput(code, codeLength) ?? ''
  }

  tick(): void {
    this.nowMs = this.#clock.nowMs()
    if (this.nowMs >= this.#waitEndsAtMs) this.problem = null
  }

  /** Reads the step from the server. After an outage a code that got no answer is sent again: that is safe. */
  async look(): Promise<void> {
    if (this.busyWith) return
    if (this.#isCodeUnanswered) return this.verify()
    const turn = ++this.#turn
    const answer = await this.#client.session()
    if (turn === this.#turn) this.#take(answer, 'look')
  }

  async send(): Promise<void> {
    await this.#act('send', () => this.#client.send({ email: this.email.trim() }))
  }

  async resend(): Promise<void> {
    const isDone = await this.#act('resend', () => this.#client.resend())
    if (isDone) this.news = 'news.resent'
  }

  /** Takes what the code field holds now, and tries a complete code once by itself. */
  enterCode(digits: string): void {
    this.code = digits
    this.#isCodeUnanswered = false
    const isComplete = digits.length === this.verification?.codeLength
    if (isComplete && digits !== this.lastCodeTried) this.verify()
  }

  async verify(): Promise<void> {
    const code = this.code
    // Enter after the last digit: the code was tried by itself a moment ago, and trying it again would cost a try.
    if (this.problem?.code === 'code_incorrect' && code === this.lastCodeTried) return
    this.lastCodeTried = code
    await this.#act('verify', () => this.#client.verify({ code }))
  }

  async useAnotherAddress(): Promise<void> {
    await this.#act('cancel', () => this.#cancel())
  }

  async signOut(everywhere: boolean): Promise<void> {
    const isDone = await this.#act('sign_out', () => this.#client.logout({ everywhere }))
    if (isDone) this.news = everywhere ? 'news.youSignedOutEverywhere' : 'news.youSignedOut'
  }

  /** Ends the looks that the page makes by itself. */
  stop(): void {
    clearTimeout(this.#lookTimer)
  }

  /** Where the session stands after that only the server knows: somebody may have been signed in before. */
  async #cancel(): Promise<Answer> {
    const done = await this.#client.cancel()
    return done.ok ? this.#client.session() : done
  }

  async #act(action: Action, call: () => Promise<Answer>): Promise<boolean> {
    if (this.busyWith) return false
    this.busyWith = action
    this.news = null
    this.#turn++
    const answer = await call()
    this.busyWith = null
    this.#take(answer, action)
    return answer.ok
  }

  #take(answer: Answer, asked: Action | 'look'): void {
    if (answer.answeredAtMs !== undefined) this.#clock.hear(answer.answeredAtMs)
    this.tick()
    this.#waitEndsAtMs = Number.POSITIVE_INFINITY
    const isNews = answer.ok ? asked !== 'look' || this.#outage !== null : !isOutage(answer.problem)
    this.#looksWithoutNews = isNews ? 0 : this.#looksWithoutNews + 1
    if (answer.ok) this.#accept(answer.view, asked)
    else if (isOutage(answer.problem)) this.#wait(answer.problem, asked)
    else this.#refuse(answer.problem, asked)

    this.#lookLater()
  }

  #lookLater(): void {
    clearTimeout(this.#lookTimer)
    const awaited = this.view ? this.#outage : this.problem
    const lookInMs = nextLookInMs(this.view, awaited, this.#looksWithoutNews)
    if (lookInMs !== null) this.#lookTimer = setTimeout(() => this.look(), lookInMs)
  }

  #accept(view: SessionView, asked: Action | 'look'): void {
    const before = this.view?.state
    const isNewStep = before !== view.state
    if (asked === 'look' && before && isNewStep) this.news = newsOf(before, view.state)
    if (asked !== 'look' || isNewStep || this.#outage) this.problem = null
    if (view.state !== 'code_sent' || asked === 'send') this.#forgetCode()
    if (view.state === 'signed_in') this.email = ''
    this.#isCodeUnanswered = false
    this.#outage = null
    if (view.state !== 'anonymous') this.lack = null
    this.view = view
    if (view.state !== 'signed_in' || !isNewStep) return
    if (before === undefined) this.wayBack.followOnArrival()
    else this.wayBack.follow()
  }

  #wait(outage: Problem, asked: Action | 'look'): void {
    // A phone that wakes up has no network for a moment. One look that fails unasked is not worth a word.
    const isFirstSign = asked === 'look' && !this.#outage
    if (!isFirstSign || !this.view) this.problem = outage
    if (asked === 'verify') this.#isCodeUnanswered = true
    this.#outage = outage
  }

  #refuse(problem: Problem, asked: Action | 'look'): void {
    this.#outage = null
    this.#isCodeUnanswered = false
    if (this.view) this.view = viewAfterProblem(this.view, problem, this.nowMs)
    const isAlreadyGone = asked === 'cancel' && problem.code === 'verification_session_not_found'
    this.problem = isAlreadyGone ? null : problem
    this.#noteEndOfWait(problem)
    if (this.step === 'address') this.#forgetCode()
  }

  #noteEndOfWait(problem: Problem): void {
    if (problem.code !== 'rate_limited' || !problem.retryAfterInSeconds) return
    this.#waitEndsAtMs = this.nowMs + problem.retryAfterInSeconds * 1000
  }

  #forgetCode(): void {
    this.code = ''
    this.lastCodeTried = ''
  }
}

function newsOf(before: SessionView['state'], now: SessionView['state']): News | null {
  if (now !== 'anonymous') return null
  return before === 'signed_in' ? 'news.wereSignedOut' : 'news.noLongerOpen'
}
