import type { OutgoingHttpHeaders } from 'node:http'
import { type Answer, exchange } from './http-exchange.ts'
import type { RecordedMails } from './recorded-mails.ts'

/** Calls the server as a browser does: keeps its cookie and says that the call comes from its own pages. */
export class Browser {
  /** `name=value`, as the Cookie header carries it. */
  cookie: string | undefined
  readonly #port: number
  readonly #host: string

  constructor({ port, host }: { port: number; host: string }) {
    this.#port = port
    this.#host = host
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: OutgoingHttpHeaders = {},
  ): Promise<Answer> {
    const answer = await exchange({
      port: this.#port,
      method,
      path,
      headers: {
        Host: this.#host,
        'Sec-Fetch-Site': 'same-origin',
        ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const line of answer.setCookies) this.#keep(line)
    return answer
  }

  send(email: string, more: object = {}): Promise<Answer> {
    return this.call('POST', '/auth/otp/send', { email, ...more })
  }

  resend(): Promise<Answer> {
    return this.call('POST', '/auth/otp/resend')
  }

  verify(code: string): Promise<Answer> {
    return this.call('POST', '/auth/otp/verify', { code })
  }

  session(): Promise<Answer> {
    return this.call('GET', '/auth/session')
  }

  logout(body?: object): Promise<Answer> {
    return this.call('POST', '/auth/logout', body)
  }

  async signIn(mails: RecordedMails, email: string): Promise<Answer> {
    await this.send(email)
    return this.verify((await mails.next(email)).code)
  }

  #keep(line: string): void {
    const pair = line.split(';', 1)[0] ?? ''
    this.cookie = pair.endsWith('=') ? undefined : pair
  }
}
