import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { PageData } from '@holdfast/page-data'
import type { ProblemBody } from './problem.ts'

/** A problem as its JSON says it, and how long to wait. */
export type PageProblem = ProblemBody & { retryAfterInSeconds?: number }

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
