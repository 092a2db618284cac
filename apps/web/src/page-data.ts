import type { Problem, Reason, SessionView } from '@holdfast/client'
import type { CompiledMessages, Language } from '@holdfast/messages'
import type { News } from './sign-in-options.ts'

/** What the operator has set for the page. */
export interface PageSettings {
  appName: string
  /** Path of the developer mailbox. Empty in production, where there is none. */
  developerMailbox: string
  /** The operator's colours, as a style sheet. */
  styleUrl?: string
  logo?: { url: string; width: number; height: number }
}

/** Why the session that the browser presented does not hold any more, and what to quote to support. */
export interface Reject {
  reason: Reason
  reference?: string
  /** Somebody was signed in on this page. Else the reason alone may say that it was a sign-in that ended. */
  wasSignedIn?: boolean
}

/** What a page is made of, on the server as HTML and then in the browser as what that HTML came from. */
export interface PageData {
  settings: PageSettings
  language: Language
  /** The server's time at which the page was made. */
  renderedAtMs: number
  /** Where the session stands; null while the server cannot tell. */
  view: SessionView | null
  /** Of a session that somebody had and that is over. */
  rejected: Reject | null
  /** What became of the form that led here. */
  problem: Problem | null
  news: News | null
  /** The address that was typed into a form which was refused. */
  email: string
  /** Where the sign-in is to lead on to. Empty for nowhere. */
  returnTo: string
  /** The form that led here has signed somebody in. */
  hasJustSignedIn: boolean
  /** The form that led here, where it has not been looked at: it can be sent again as it was. */
  unsent: Record<string, string> | null
}

/** What the server writes into the page for the code that will run in it. */
interface Elements {
  'page-data': PageData
  'page-words': CompiledMessages
}

/**
 * Data as an element of the page. It is no script that runs, so no policy has to allow it; and without a `<` in it no
 * text can end it. (HTML standard, section 4.12.1.3)
 */
export function dataElement<Id extends keyof Elements>(id: Id, data: Elements[Id]): string {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c')
  return `<script type="application/json" id="${id}">${json}</script>`
}

/** The data of a page that the server has made; null for one that it has not. */
export function readData<Id extends keyof Elements>(page: Document, id: Id): Elements[Id] | null {
  const json = page.getElementById(id)?.textContent
  return json ? JSON.parse(json) : null
}
