/** What is known of one sign-in from its answers alone. Steps count what is sent and answered, in one row. */
export interface WitnessedSignIn {
  id: string
  sessionId: string
  /** Every cookie that has named its session, under whatever key. */
  cookies: Set<string>
  /** What led to it: the cookie and the code that were sent, and when the code had been asked for. */
  askedWith: { cookie: string; code: string; answeredAt: number }
  verifySentAt: number
  answeredAt: number
}

/** Something that ends sign-ins: one by its id, all that belong to a session, or all of the account. */
type Ending = { sentAt: number; answeredAt?: number } & (
  | { of: 'one'; signInId: string }
  | { of: 'session' | 'account'; sessionId: string }
)

/**
 * Keeps what clients of one account sent and were told, and says which of its sign-ins must be over and which
 * must live. It knows nothing of the server but its answers.
 */
export class SignInWitness {
  readonly signIns: WitnessedSignIn[] = []
  readonly #endings: Ending[] = []
  #step = 0

  tick(): number {
    this.#step += 1
    return this.#step
  }

  sawCookie(cookie: string): void {
    this.ofCookie(cookie)?.cookies.add(cookie)
  }

  ofCookie(cookie: string | undefined): WitnessedSignIn | undefined {
    return this.signIns.find(({ sessionId }) => sessionId === sessionIdOf(cookie))
  }

  signedIn(id: string, cookie: string, how: Pick<WitnessedSignIn, 'askedWith' | 'verifySentAt'>): void {
    const known = this.signIns.find((signIn) => signIn.id === id)
    if (known === undefined) {
      const sessionId = sessionIdOf(cookie)
      this.signIns.push({ ...how, id, sessionId, cookies: new Set([cookie]), answeredAt: this.tick() })
    } else known.cookies.add(cookie)
  }

  /** An ending is sent; what comes back is to be called when the answer says that it is done. */
  ends(
    ending: { of: 'one'; signInId: string } | { of: 'session' | 'account'; sessionId: string },
  ): () => void {
    const sent: Ending = { ...ending, sentAt: this.tick() }
    this.#endings.push(sent)
    return () => {
      sent.answeredAt = this.tick()
    }
  }

  /** Nothing that was sent can have ended it. */
  mustLive(signIn: WitnessedSignIn): boolean {
    return !this.#endings.some((ending) => concerns(ending, signIn))
  }

  /** Something that was answered has ended it. */
  mustBeOver(signIn: WitnessedSignIn): boolean {
    return this.#endings.some(
      (ending) => ending.answeredAt !== undefined && concerns(ending, signIn) && this.#isSure(ending, signIn),
    )
  }

  #isSure(ending: Ending, signIn: WitnessedSignIn): boolean {
    if (ending.of === 'one' || ending.sessionId === signIn.sessionId) return true
    // A code that was asked for in time is cancelled with its session, and what it has led to ends.
    const { cookie, answeredAt } = signIn.askedWith
    if (ending.sessionId === sessionIdOf(cookie) && answeredAt < ending.sentAt) return true
    // Only who is signed in can sign out everywhere.
    return ending.of === 'account' && signIn.answeredAt < ending.sentAt && this.#wasAlone(ending)
  }

  #wasAlone(ending: Ending): boolean {
    const own = this.signIns.find((known) => ending.of !== 'one' && known.sessionId === ending.sessionId)
    if (own === undefined || own.answeredAt > ending.sentAt) return false
    return !this.#endings.some(
      (other) => other !== ending && other.sentAt < (ending.answeredAt ?? 0) && concerns(other, own),
    )
  }
}

export function sessionIdOf(cookie: string | undefined): string {
  return cookie?.split('.')[2] ?? ''
}

function concerns(ending: Ending, { id, sessionId, askedWith, verifySentAt }: WitnessedSignIn): boolean {
  if (ending.of === 'one') return ending.signInId === id
  if (ending.sessionId === sessionId || ending.sessionId === sessionIdOf(askedWith.cookie)) return true
  return ending.of === 'account' && verifySentAt < (ending.answeredAt ?? Number.POSITIVE_INFINITY)
}
