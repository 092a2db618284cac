export type AuthenticationEvent =
  | 'code asked'
  | 'code asked again'
  | 'verification cancelled'
  | 'guess wrong'
  | 'signed in'
  | 'sign-in repeated'
  | 'signed out'
  | 'sign-in ended'

/** The verification that an event is about, or that the sign-in came from, and the key that it hangs on. */
export interface EventSubject {
  /** None once the verification is so long over that even the ledger has no row of it. */
  reference?: string
  email: string
  kid: string
}

/** Told of each event once it is durable. `more` is plain values without a secret. */
export type TellEvent = (
  event: AuthenticationEvent,
  subject: EventSubject,
  more?: Record<string, string | number>,
) => void
