import type { Problem, Reason } from '@holdfast/client/problem'
import type { SessionView } from '@holdfast/client/views'
import type { Language, PlainKey } from '@holdfast/messages'

/** What the sign-in page is made of: said by the server, drawn by the page, as HTML and then in the browser. */
export interface PageData {
  settings: PageSettings
  language: Language
  /** The server's time at which the page was made. */
  renderedAtMs: number
  /** Where the session stands; null while the server cannot tell. */
  view: SessionView | null
  /** Why the session that somebody had is over. */
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

/** What the operator has set for the page. */
export interface PageSettings {
  appName: string
  /** Guesses for one verification: all that somebody has who has made none. */
  maxAttempts: number
  /** Path of the developer mailbox. Empty in production, where there is none. */
  developerMailbox: string
  /** The operator's colours, as a style sheet. */
  styleUrl?: string
  logo?: { url: string; width: number; height: number }
}

/** What the element has to know of them that other pages embed. */
export type EmbedSettings = Pick<PageSettings, 'maxAttempts'>

/** Why the session that the browser presented does not hold any more, and what to quote to support. */
export interface Reject {
  reason: Reason
  reference?: string
  /** Somebody was signed in on this page. Else the reason alone may say that it was a sign-in that ended. */
  wasSignedIn?: boolean
}

/** What has just happened, without a problem. */
export type News = Extract<PlainKey, `news.${string}`>
