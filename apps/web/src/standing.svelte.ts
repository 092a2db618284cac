import type { Problem, SessionView } from '@holdfast/client'
import type { News, Reject } from '@holdfast/page-data'
import type { Action, Asked, Calls } from './calls.svelte.ts'
import type { ServerClock } from './server-clock.ts'
import type { SignInStart } from './sign-in-options.ts'
import { type Step, stepOf } from './step.ts'
import { viewAfterProblem } from './view-after-problem.ts'

const never = Number.POSITIVE_INFINITY

/** Where the session stands, as far as the page has heard, and what is to be said of how it came there. */
export class Standing {
  view = $state.raw<SessionView | null>(null)
  /** Why the session that the browser came with, or that this page had, is over. */
  rejected = $state.raw<Reject | null>(null)
  problem = $state.raw<Problem | null>(null)
  /** What was asked for when the problem came; null where the page came with it. */
  refusedAction = $state<Action | null>(null)
  news = $state<News | null>(null)
  nowMs = $state(0)
  /** Another step has been here on this page before. */
  hasMovedOn = false
  verification = $derived(this.view?.state === 'code_sent' ? this.view.verification : null)
  step: Step = $derived.by(() => stepOf(this.view, this.#calls.outage ?? this.problem, this.nowMs))

  #calls: Pick<Calls, 'outage'>
  #clock: Pick<ServerClock, 'nowMs'>
  #waitEndsAtMs = never

  constructor(calls: Pick<Calls, 'outage'>, clock: Pick<ServerClock, 'nowMs'>, start?: SignInStart) {
    this.#calls = calls
    this.#clock = clock
    this.nowMs = start?.nowMs ?? clock.nowMs()
    if (start === undefined) return
    this.view = start.view
    this.rejected = start.rejected
    this.news = start.news
    this.problem = start.problem
    if (start.problem !== null) this.#noteEndOfWait(start.problem)
  }

  /** Somebody who was told to wait hears when the wait is over. */
  tick(): void {
    this.nowMs = this.#clock.nowMs()
    if (this.problem === null || this.nowMs < this.#waitEndsAtMs) return
    this.problem = null
    this.news = 'news.canTryAgain'
  }

  accept(view: SessionView, asked: Asked['for']): void {
    const before = this.view?.state
    const isNewStep = before !== view.state
    const isOut = this.#calls.outage !== null
    if (before !== undefined && isNewStep) this.hasMovedOn = true
    if (asked === 'look' && before) {
      if (isNewStep) this.news = newsOf(before, view.state)
      else if (isOut) this.news = 'news.reconnected'
    }
    if (asked !== 'look' || isNewStep || isOut) this.problem = null
    if (view.state !== 'anonymous') this.rejected = null
    this.view = view
  }

  refuse(problem: Problem, asked: Asked['for']): void {
    if (this.view) {
      const before = this.view.state
      this.view = viewAfterProblem(this.view, problem, this.nowMs)
      if (before !== this.view.state) this.hasMovedOn = true
    }
    const isAlreadyGone = asked === 'cancel' && problem.code === 'verification_session_not_found'
    this.problem = isAlreadyGone ? null : problem
    this.refusedAction = asked === 'look' ? null : asked
    this.#noteEndOfWait(problem)
  }

  /** Says why the session is over, in place of the news that it is. */
  lose(reject: Reject): void {
    this.rejected = reject
    this.news = null
  }

  #noteEndOfWait(problem: Problem): void {
    const waitInSeconds = problem.code === 'rate_limited' && problem.retryAfterInSeconds
    this.#waitEndsAtMs = waitInSeconds ? this.nowMs + waitInSeconds * 1000 : never
  }
}

function newsOf(before: SessionView['state'], now: SessionView['state']): News | null {
  if (now !== 'anonymous') return null
  return before === 'signed_in' ? 'news.wereSignedOut' : 'news.noLongerOpen'
}
