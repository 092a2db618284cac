import type { DevMail, DevState, Pulse } from '@holdfast/page-data/dev'

/** The server as the developer pages ask it. A call that is not answered is `undefined`. */
export interface DevServer {
  pulse(): Promise<Pulse | undefined>
  state(reference: string): Promise<DevState | undefined>
  mailbox(about: string): Promise<DevMail[] | undefined>
}

const mostWaitMs = 5_000

export function createDevServer(
  fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
): DevServer {
  async function get<Found>(path: string): Promise<Found | undefined> {
    try {
      const answer = await fetch(path, { cache: 'no-store', signal: AbortSignal.timeout(mostWaitMs) })
      return answer.ok ? ((await answer.json()) as Found) : undefined
    } catch {
      return undefined
    }
  }

  return {
    pulse: () => get('/dev/pulse'),
    state: (reference) => get(`/dev/state?reference=${encodeURIComponent(reference)}`),
    mailbox: async (about) =>
      (await get<{ mails: DevMail[] }>(`/dev/mailbox?about=${encodeURIComponent(about)}`))?.mails,
  }
}

/** What a link to a mail has behind its `#`. */
export function mailAnchor({ id }: Pick<DevMail, 'id'>): string {
  return encodeURIComponent(id)
}

/** Where the HTML part of a mail is drawn. */
export function mailHtmlPath(mail: DevMail): string {
  return `/dev/mail/${mailAnchor(mail)}/html`
}
