import type { CompiledMessages } from '@holdfast/messages'
import type { PageData } from '@holdfast/page-data'

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
