import type { Reason, SessionView, VerificationView } from '@holdfast/client'
import type { Page, Route } from 'playwright-core'

const stepOf = {
  anonymous: '[data-step=address]',
  code_sent: ':is([data-step=code], [data-step=mail_failed], [data-step=expired])',
  signed_in: '[data-step=signed_in]',
}

interface StagedAnswer {
  status: number
  body?: object
  headers?: Record<string, string>
}

/** The calls that are answered without a body. */
const endings = new Set(['DELETE /auth/otp', 'POST /auth/logout'])

/** A line that is broken, or one on which nothing comes. */
type Silence = 'no answer' | 'no answer yet'

/**
 * A page of a real server that is told where its session stands by the test: for states that would take minutes to
 * come about. What the page makes of them is the page's own.
 */
export class StagedPage {
  readonly page: Page
  readonly #origin: string
  #answers = new Map<string, StagedAnswer | Silence>()
  #held: Route[] = []

  private constructor(page: Page, origin: string) {
    this.page = page
    this.#origin = origin
  }

  static async open(page: Page, origin: string): Promise<StagedPage> {
    const staged = new StagedPage(page, origin)
    await page.route('**/auth/**', (route) => staged.#answer(route))
    return staged
  }

  /** A page that has just been opened, by somebody who is not known, and has come to life. */
  async reopen(path = '/'): Promise<void> {
    this.#answers.clear()
    this.#held = []
    this.answer('GET /auth/session', { status: 200, body: { state: 'anonymous' } })
    await this.page.goto(`${this.#origin}${path}`)
    // The field has the focus once the code runs that gives it.
    await this.page.locator('#email:focus').waitFor()
  }

  /** A page on which nothing of what went before is left, without opening it again. */
  async clear(): Promise<void> {
    const waiting = [...this.#answers].filter(([, answer]) => typeof answer === 'string')
    this.#answers.clear()
    await this.page.context().setOffline(false)
    // What is still under way has to end, and may end so as well.
    for (const [call] of waiting)
      this.answer(call, endings.has(call) ? { status: 204 } : { status: 200, body: signedIn })
    await Promise.all(this.#held.splice(0).map((route) => this.#answer(route)))
    await this.find(signedIn)
  }

  /** The same, of somebody who is to type an address. */
  async clearToAddress(): Promise<void> {
    await this.clear()
    await this.find(codeSent())
    this.answer('DELETE /auth/otp', { status: 204 })
    this.answer('GET /auth/session', { status: 200, body: { state: 'anonymous' } })
    await this.page
      .locator('form:has([value=cancel]) button')
      .evaluate((button: HTMLElement) => button.click())
    await this.page.locator('#email:focus').waitFor()
  }

  /** The next answers to a call: a body, a problem, or none at all. */
  answer(call: string, answer: StagedAnswer | Silence): void {
    this.#answers.set(call, answer)
  }

  /** Keeps the page waiting for the answer to a call that nothing else was to be answered to. */
  hold(call: string): void {
    if (!this.#answers.has(call)) this.#answers.set(call, 'no answer yet')
  }

  /** Lets the page find its session here, as it does when somebody comes back to it. */
  async find(view: SessionView): Promise<void> {
    this.answer('GET /auth/session', { status: 200, body: view })
    // Again and again: a look of its own that was under way may still bring what it found before.
    const comeBack = (step: string) =>
      document.querySelector(step) !== null || !dispatchEvent(new Event('online'))
    await this.page.waitForFunction(comeBack, stepOf[view.state], { polling: 10 })
  }

  /** Lets the page find that no server answers. */
  async findNone(): Promise<void> {
    this.answer('GET /auth/session', 'no answer')
    const lookAgain = () =>
      document.querySelector('.card [role=status]')?.textContent || !dispatchEvent(new Event('online'))
    await this.page.waitForFunction(lookAgain, undefined, { polling: 10 })
  }

  /** Sends a form as a browser does in which no code runs: what the server answers is the page, until that looks around. */
  async sendForm(): Promise<void> {
    const looked = this.page.waitForRequest('**/auth/session')
    await this.page.locator('form').evaluate((form: HTMLFormElement) => form.submit())
    await looked
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request()
    const answer = this.#answers.get(`${request.method()} ${new URL(request.url()).pathname}`)
    if (answer === 'no answer yet') return void this.#held.push(route)
    if (answer === undefined || answer === 'no answer') return route.abort('connectionrefused')
    const { status, body, headers = {} } = answer
    if (body === undefined) return route.fulfill({ status, headers })
    const contentType = status < 400 ? 'application/json' : 'application/problem+json'
    return route.fulfill({ status, contentType, headers, body: JSON.stringify(body) })
  }
}

const reference = 'HF-7K3M-9QXP'

export function problem(status: number, code: string, fields: object = {}): StagedAnswer {
  return { status, body: { title: code, status, detail: code, code, requestId: 'r', reference, ...fields } }
}

export function limited(retryAfterInSeconds: number): StagedAnswer {
  return { ...problem(429, 'rate_limited'), headers: { 'Retry-After': String(retryAfterInSeconds) } }
}

export function notSignedIn(reason: Reason): StagedAnswer {
  return problem(401, 'not_signed_in', { reason, reference })
}

export function codeSent(changes: Partial<VerificationView> = {}, agoInSeconds = 5): SessionView {
  const at = (inSeconds: number) => new Date(Date.now() + (inSeconds - agoInSeconds) * 1000).toISOString()
  return {
    state: 'code_sent',
    verification: {
      reference,
      type: 'login',
      email: 'a•••@example.com',
      sentAt: at(0),
      expiresAt: at(600),
      resendAt: at(30),
      sends: 1,
      attemptsLeft: 5,
      codeLength: 6,
      delivery: 'sent',
      ...changes,
    },
  }
}

export const signedIn: SessionView = {
  state: 'signed_in',
  account: { id: 'account', email: 'ada.lovelace@example.com' },
  signIn: {
    id: 'sign-in',
    authTime: '2026-11-25T10:42:00.000Z',
    expiresAt: '2026-12-25T10:42:00.000Z',
    amr: ['otp'],
  },
}
