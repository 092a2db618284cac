import { directionOf } from '@holdfast/messages'
import type { PageData } from '@holdfast/page-data'
import { dataElement } from './data-element.ts'

/** What was made of a page, for the frame that the build has made. */
export interface RenderedPage {
  head: string
  body: string
  /** The words of the page as an element: the code finds them there and asks for no file. */
  words: string
}

/** The whole document of a page that was rendered. */
export function fillTemplate(template: string, data: PageData, { head, body, words }: RenderedPage): string {
  const { language } = data
  const parts: Record<string, string> = {
    '<html lang="en">': `<html lang="${language}" dir="${directionOf(language)}">`,
    '<!--page-head-->': head,
    '<!--page-body-->': body,
    '<!--page-data-->': `${dataElement('page-data', data)}${words}`,
  }
  return template.replace(/<html lang="en">|<!--page-\w+-->/g, (mark) => parts[mark] ?? mark)
}
