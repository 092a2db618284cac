import type { Answer, CallOptions, Problem } from '@holdfast/client'

/** What somebody asks for, by the name that a form has for it. */
export type Action = 'send' | 'resend' | 'verify' | 'cancel' | 'logout'

/** What a call is for, and with what it is made: the same once more is no other call. */
export interface Asked {
  for: Action | 'look'
  input?: string
}

type Call<Answered extends Answer> = (options: CallOptions) => Promise<Answered>

/**
 * The calls of the page, one at a time. A look gives way to everything, an action to another one as long as the
 * service is out of reach: then somebody may still think better of it.
 */
export class Calls {
  /** Ends the wait before the next attempt; tells whether there was one. */
  readonly tryNow: () => boolean
  #underWay = $state.raw<{ asked: Asked; ending: AbortController } | null>(null)
  #outage = $state.raw<Problem | null>(null)

  constructor(tryNow: () => boolean) {
    this.tryNow = tryNow
  }

  get busyWith(): Action | null {
    const asked = this.#underWay?.asked.for ?? 'look'
    return asked === 'look' ? null : asked
  }

  /** How the service came to be out of reach; the call that is under way goes on until it answers. */
  get outage(): Problem | null {
    return this.#outage
  }

  get isIdle(): boolean {
    return this.#underWay === null
  }

  /** The answer; null where it is another call's turn. `mayFailOnce` lets the first attempt that fails pass without a word. */
  async make<Answered extends Answer>(
    asked: Asked,
    call: Call<Answered>,
    { mayFailOnce = false } = {},
  ): Promise<Answered | null> {
    if (!this.#isTurnOf(asked)) {
      this.tryNow()
      return null
    }
    this.stop()
    const own = { asked, ending: new AbortController() }
    this.#underWay = own
    const answer = await call({
      signal: own.ending.signal,
      onRetry: ({ attempts, problem }) => {
        if (this.#underWay === own && !(mayFailOnce && attempts === 1)) this.beginOutage(problem)
      },
    })
    if (this.#underWay !== own) return null
    this.#underWay = null
    return answer
  }

  /** Ends the call that is under way, without an answer. */
  stop(): void {
    this.#underWay?.ending.abort()
    this.#underWay = null
  }

  /** The first cause is the one that counts. */
  beginOutage(problem: Problem): void {
    this.#outage ??= problem
  }

  endOutage(): void {
    this.#outage = null
  }

  #isTurnOf(asked: Asked): boolean {
    if (this.#underWay === null) return true
    const before = this.#underWay.asked
    const isSame = before.for === asked.for && before.input === asked.input
    return !isSame && (before.for === 'look' || this.#outage !== null)
  }
}
