import type { OutgoingHttpHeaders } from 'node:http'
import { type Answer, exchange } from './http-exchange.ts'

/** What sends a code, and gives it once its mail is handed over and noted. */
interface CodeSender {
  beginVerification(browser: Browser, email: string): Promise<{ code: string }>
}

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

  call(method: string, path: string, body?: unknown, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' }
    const text = body === undefined ? undefined : JSON.stringify(body)
    return this.#exchange(method, path, { ...type, ...headers }, text)
  }

  /** Sends a form. */
  post(path: string, fields: Record<string, string>, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    return this.postText(path, new URLSearchParams(fields).toString(), headers)
  }

  async postText(path: string, body: string, headers: OutgoingHttpHeaders = {}): Promise<Answer> {
    const type = { 'Content-Type': 'application/x-www-form-urlencoded' }
    return this.#exchange('POST', path, { ...type, ...headers }, body)
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

  async signIn(app: CodeSender, email: string): Promise<Answer> {
    return this.verify((await app.beginVerification(this, email)).code)
  }

  async #exchange(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body: string | undefined,
  ): Promise<Answer> {
    const answer = await exchange({
      port: this.#port,
      method,
      path,
      headers: {
        Host: this.#host,
        'Sec-Fetch-Site': 'same-origin',
        ...(this.cookie === undefined ? {} : { Cookie: this.cookie }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    })
    for (const line of answer.setCookies) this.#keep(line)
    return answer
  }

  #keep(line: string): void {
    const pair = line.split(';', 1)[0] ?? ''
    this.cookie = pair.endsWith('=') ? undefined : pair
  }
}
