import { type RunningServer, Visitor } from '@holdfast/drill'
import type { Language } from '@holdfast/messages'

/** A person whose browser runs no script, as the server knows one: by the forms that are sent. */
export class FormVisitor {
  readonly #server: RunningServer
  readonly #fetch: typeof globalThis.fetch
  readonly #headers: Record<string, string>

  constructor(server: RunningServer, language: Language) {
    this.#server = server
    this.#fetch = new Visitor().fetchAt(server)
    this.#headers = { 'Accept-Language': language, 'Sec-Fetch-Site': 'same-origin' }
  }

  /** The HTML of the page at a path. */
  async open(path: string): Promise<string> {
    const answer = await this.#fetch(`${this.#server.origin}${path}`, { headers: this.#headers })
    return answer.text()
  }

  /** Sends a form of the page; resolves with the HTML that it leads to. */
  async send(step: string, fields: Record<string, string> = {}): Promise<string> {
    const answer = await this.#fetch(`${this.#server.origin}/sign-in`, {
      method: 'POST',
      headers: this.#headers,
      body: new URLSearchParams({ step, ...fields }),
      redirect: 'manual',
    })
    const leadsTo = answer.headers.get('location')
    return leadsTo === null ? answer.text() : this.open(leadsTo)
  }
}
