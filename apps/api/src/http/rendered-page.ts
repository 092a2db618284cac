import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Reason } from '@holdfast/core'
import type { Language } from '@holdfast/messages'
import type { ProblemBody } from './problem.ts'
import type { SessionView } from './session-view.ts'

/** What the sign-in page is made of. The web app says the same of what it renders. */
export interface PageData {
  settings: {
    appName: string
    developerMailbox: string
    styleUrl?: string
    logo?: { url: string; width: number; height: number }
  }
  language: Language
  renderedAtMs: number
  /** Where the session stands; null while the store cannot tell. */
  view: SessionView | null
  /** Why a session that somebody had is over. */
  rejected: { reason: Reason; reference?: string } | null
  /** What became of the form that led here. */
  problem: PageProblem | null
  news: PageNews | null
  /** The address that was typed into a form which was refused. */
  email: string
  returnTo: string
  hasJustSignedIn: boolean
  /** The form that led here, where it has not been looked at: it can be sent again as it was. */
  unsent: Record<string, string> | null
}

/** A problem as its JSON says it, and how long to wait. */
export type PageProblem = ProblemBody & { retryAfterInSeconds?: number }

export type PageNews = 'news.resent' | 'news.youSignedOut' | 'news.youSignedOutEverywhere'

/** Makes the whole HTML document. */
export type RenderPage = (data: PageData) => Promise<string>

/**
 * Loads what renders the page from the folder of the built web app; `undefined` where none is built.
 *
 * @throws what the loading of a build throws that is there and broken
 */
export async function loadRenderPage(webFolder: string): Promise<RenderPage | undefined> {
  const file = join(webFolder, 'server', 'render.js')
  const isBuilt = await access(file).then(
    () => true,
    () => false,
  )
  if (!isBuilt) return undefined
  const { renderPage } = (await import(pathToFileURL(file).href)) as { renderPage: RenderPage }
  return renderPage
}
