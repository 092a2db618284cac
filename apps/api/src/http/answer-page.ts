import { chooseLanguage } from '@holdfast/messages'
import type { PageData } from '@holdfast/page-data'
import type { HttpContext } from './http-context.ts'
import type { RenderPage } from './rendered-page.ts'
import { pageHeaders } from './security-headers.ts'

/** What every page is made with. */
export interface PageOptions {
  settings: PageData['settings']
  clock: () => number
  /** `undefined` where no page is built. */
  renderPage: RenderPage | undefined
}

export type PageState = Partial<Omit<PageData, 'settings' | 'language' | 'renderedAtMs'>>

const nothing = {
  view: null,
  rejected: null,
  problem: null,
  news: null,
  email: '',
  returnTo: '',
  hasJustSignedIn: false,
  unsent: null,
}

/** Answers with the page; it shows what the session of this request may see, so that nobody may keep it. */
export async function answerPage(
  ctx: HttpContext,
  renderPage: RenderPage,
  { settings, clock }: PageOptions,
  state: PageState,
): Promise<void> {
  const language = chooseLanguage(ctx.acceptsLanguages())
  const html = await renderPage({ ...nothing, ...state, settings, language, renderedAtMs: clock() })
  ctx.set({ ...pageHeaders, 'Cache-Control': 'no-store', Vary: 'Cookie, Accept-Language' })
  ctx.type = 'html'
  ctx.body = html
}
