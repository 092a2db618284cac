import type { MailReceipt, Testimony } from '../src/checks/evidence.ts'
import type { FinalRows } from '../src/final-rows.ts'
import { type Action, addressOf, type HistoryLine, type Outcome } from '../src/history.ts'

type Ending = 'ok' | 'fail' | 'unknown'

/** A hand-made testimony: everything that one person, `ada`, does is one tick after what came before. */
export class MadeTestimony implements Testimony {
  readonly lines: HistoryLine[] = []
  readonly mails: MailReceipt[] = []
  rows: FinalRows = {
    verifications: [],
    signIns: [],
    signedIn: [],
    integrity: ['ok'],
    brokenReferences: 0,
  }
  #atMs = 0
  #operations = 0

  constructor() {
    this.note({ kind: 'journey-begins', who: 'ada', row: 'signed-in', column: 'sigkill' })
  }

  get nowMs(): number {
    return this.#atMs
  }

  wait(milliseconds: number): this {
    this.#atMs += milliseconds
    return this
  }

  note(line: object): this {
    this.#atMs += 1
    this.lines.push({ atMs: this.#atMs, ...line } as HistoryLine)
    return this
  }

  ask(
    action: Action,
    ending: Ending,
    outcome: Outcome = {},
    { browser = 'first', guess, who = 'ada' }: { browser?: string; guess?: string; who?: string } = {},
  ): this {
    this.#operations += 1
    const id = this.#operations
    this.note({ kind: 'invoke', id, who, browser, action, ...(guess === undefined ? {} : { guess }) })
    return this.note({ kind: ending, id, outcome })
  }

  copy(to: string, from = 'first'): this {
    return this.note({ kind: 'browser-copied', who: 'ada', from, to })
  }

  mail(id = 'v1', number = 1, { wasConfirmed = true, tookMs = 0 } = {}): this {
    this.#atMs += 1
    this.mails.push({
      to: addressOf('ada'),
      messageId: messageId(id, number),
      beganAtMs: this.#atMs - tookMs,
      atMs: this.#atMs,
      wasConfirmed,
    })
    return this
  }

  /** What the store holds of a verification, and of the sign-in that it led to. */
  store(
    verification: Partial<FinalRows['verifications'][number]> = {},
    ...signIns: { id: string; endedAtMs?: number }[]
  ): this {
    const { id = 'v1', email = addressOf('ada') } = verification
    this.rows.verifications.push({
      id,
      email,
      reference: `HF-${id}`,
      state: signIns.length > 0 ? 'verified' : 'pending',
      attempts: signIns.length,
      maxAttempts: 5,
      ...verification,
    })
    for (const signIn of signIns) {
      this.rows.signIns.push({
        id: signIn.id,
        verificationId: id,
        email,
        endedAtMs: signIn.endedAtMs ?? null,
      })
      this.rows.signedIn.push({ signInId: signIn.id, times: 1 })
    }
    return this
  }

  end(): this {
    return this.note({ kind: 'journey-ends', who: 'ada' })
  }
}

export function messageId(id = 'v1', number = 1): string {
  return `<${id}.${number}@login.example.com>`
}

export const sent: Outcome = { state: 'code_sent', reference: 'HF-v1', attemptsLeft: 5, cookie: 'kid1' }
export const signedIn: Outcome = {
  state: 'signed_in',
  signInId: 's1',
  email: addressOf('ada'),
  cookie: 'kid1',
}
export const right = { guess: messageId() }
export const wrong = { guess: 'wrong' }
export const refused = (code: string): Outcome => ({ state: 'refused', code, reference: 'HF-v1' })
export const wrongOne = (attemptsLeft: number): Outcome => ({ ...refused('code_incorrect'), attemptsLeft })

/** Somebody asks for a code, gets it, and is signed in by it. */
export function signIn(): MadeTestimony {
  return new MadeTestimony().ask('send', 'ok', sent).mail().ask('verify', 'ok', signedIn, right)
}
