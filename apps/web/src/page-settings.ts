/** What the server writes into the head of the page it serves. */
export interface PageSettings {
  appName: string
  /** Path of the developer mailbox. Empty in production, where there is none. */
  developerMailbox: string
}

export function readPageSettings(page: Document): PageSettings {
  const read = (name: string) => page.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
  return { appName: read('application-name') || 'Holdfast', developerMailbox: read('developer-mailbox') }
}
