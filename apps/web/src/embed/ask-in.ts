import type { Language } from '@holdfast/messages'

/** Asks the server in a language, which the mails then speak, in place of those that the browser prefers. */
export function askIn(language: Language): typeof fetch {
  return (input, init) => {
    const headers = new Headers(init?.headers)
    headers.set('Accept-Language', language)
    return fetch(input, { ...init, headers })
  }
}
