import { callUntilAnswered } from './call-until-answered.ts'
import { type Asked, type ConnectionOptions, openConnection } from './connection.ts'
import type { Answer, Limits, Outcome } from './exchange.ts'
import { createIdempotencyKey } from './idempotency-key.ts'
import { lostGuess } from './lost-guess.ts'
import { readAccount, readDone, readSessions, readView } from './readers.ts'
import type { CallName, CallOptions, TryingOptions, Wait } from './trying.ts'
import type { AccountView, ListedSession, SessionView } from './views.ts'
import { waitOrOnline } from './wait.ts'

export interface ClientOptions extends ConnectionOptions, TryingOptions {
  /** How the wait before a repetition passes. Default: a timer, cut short when a browser is back online. */
  wait?: Wait
}

export interface Client {
  /** Starts a verification: mails a code to the address. */
  send(input: { email: string; type?: 'login' | 'signup' }, options?: CallOptions): Promise<Answer>
  /** Mails one more code for the same verification. Earlier codes stay good; tries are not given back. */
  resend(options?: CallOptions): Promise<Answer>
  /** Checks a code. A right one whose answer was lost gives the same sign-in again, for 60 s. */
  verify(input: { code: string }, options?: CallOptions): Promise<Answer>
  /** Ends the verification, to use another address. Where the session stands then, `session` tells. */
  cancel(options?: CallOptions): Promise<Outcome<object>>
  /** Reads the step the session is at. */
  session(options?: CallOptions): Promise<Answer>
  logout(input?: { everywhere?: boolean }, options?: CallOptions): Promise<Answer>
  /** Lists the live sign-ins of the account. */
  sessions(options?: CallOptions): Promise<Outcome<{ sessions: ListedSession[] }>>
  /** Ends one of them; ending the current one is signing out. */
  endSession(id: string, options?: CallOptions): Promise<Outcome<object>>
  /** Who is signed in; refused with `not_signed_in` where nobody is. */
  check(options?: CallOptions): Promise<Outcome<{ account: AccountView }>>
  /** The bearer token held now, to be kept for a later run. Secret. Always undefined with cookies. */
  token(): string | undefined
}

const readSession: Asked<{ view: SessionView }> = { method: 'GET', path: '/auth/session', read: readView }

/**
 * Makes a client of the HTTP API. Refusals, outages, time-outs and cancelled calls come back as
 * `{ ok: false, problem }`; no call throws. A call that got no answer is repeated: `send` and `resend` with a key by
 * which the server recognises them, `verify` after a look at whether it has cost a try.
 */
export function createClient(options: ClientOptions = {}): Client {
  const { transport = 'cookie', wait = waitOrOnline } = options
  const { request, token, forgetToken } = openConnection(options)
  const tryingAs = (forThisCall?: CallOptions) => ({ ...options, ...forThisCall, wait })

  function call<Found>(name: CallName, asked: Asked<Found>, forThisCall?: CallOptions) {
    return callUntilAnswered(name, (limits) => request(asked, limits()), tryingAs(forThisCall))
  }

  /** Where the answer was lost the code may be in the mail: the server knows the request again and mails no other. */
  function askForCode(name: 'send' | 'resend', body: object, forThisCall?: CallOptions): Promise<Answer> {
    const idempotencyKey = createIdempotencyKey()
    const asked = { method: 'POST', path: `/auth/otp/${name}`, read: readView, body, idempotencyKey } as const
    return call(name, asked, forThisCall)
  }

  /**
   * A wrong code whose answer was lost may have cost a try. So before it is sent again the session is looked at: where
   * the try is gone, that is the answer.
   */
  function tryCode(body: { code: string }, forThisCall?: CallOptions): Promise<Answer> {
    const asked = { method: 'POST', path: '/auth/otp/verify', read: readView, body } as const
    let seenBefore: SessionView | undefined
    const attempt = async (limits: () => Limits, isRepetition: boolean): Promise<Answer> => {
      if (isRepetition) {
        const seen = await request(readSession, limits())
        if (!seen.ok) return seen
        const problem = lostGuess(seenBefore, seen.view)
        if (problem !== undefined) return { ok: false, problem }
        seenBefore = seen.view
      }
      return request(asked, limits())
    }
    return callUntilAnswered('verify', attempt, tryingAs(forThisCall))
  }

  return {
    send(input, forThisCall) {
      return askForCode('send', transport === 'bearer' ? { ...input, transport } : input, forThisCall)
    },
    resend: (forThisCall) => askForCode('resend', {}, forThisCall),
    verify: tryCode,
    cancel(forThisCall) {
      return call('cancel', { method: 'DELETE', path: '/auth/otp', read: readDone }, forThisCall)
    },
    session: (forThisCall) => call('session', readSession, forThisCall),
    async logout(input = {}, forThisCall) {
      const body = input.everywhere ? { everywhere: true } : {}
      const asked = { method: 'POST', path: '/auth/logout', read: readView, body } as const
      const answer = await call('logout', asked, forThisCall)
      if (answer.ok) forgetToken()
      return answer
    },
    sessions(forThisCall) {
      return call('sessions', { method: 'GET', path: '/auth/sessions', read: readSessions }, forThisCall)
    },
    endSession(id, forThisCall) {
      const path = `/auth/sessions/${encodeURIComponent(id)}`
      return call('endSession', { method: 'DELETE', path, read: readDone }, forThisCall)
    },
    check: (forThisCall) =>
      call('check', { method: 'GET', path: '/auth/check', read: readAccount }, forThisCall),
    token,
  }
}
