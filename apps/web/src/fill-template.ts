import { directionOf } from '@holdfast/messages'
import { type PageData, pageDataElement } from './page-data.ts'

/** What a build has made: the page's frame, with its files linked in it, and the file of each language. */
export interface BuiltPage {
  template: string
  /** Path of the module with the words of a language. */
  wordsPath: (language: string) => string
}

/** The whole document of a page that was rendered. */
export function fillTemplate(
  { template, wordsPath }: BuiltPage,
  data: PageData,
  { head, body }: { head: string; body: string },
): string {
  const { language } = data
  // The words are asked for together with the code that will ask for them.
  const words = `<link rel="modulepreload" crossorigin href="${wordsPath(language)}">`
  const parts: Record<string, string> = {
    '<html lang="en">': `<html lang="${language}" dir="${directionOf(language)}">`,
    '<!--page-head-->': `${head}${words}`,
    '<!--page-body-->': body,
    '<!--page-data-->': pageDataElement(data),
  }
  return template.replace(/<html lang="en">|<!--page-\w+-->/g, (mark) => parts[mark] ?? mark)
}
