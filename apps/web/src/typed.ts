/** What somebody has typed into the page. */
export interface Typed {
  email: string
  code: string
  /** It was typed into this very page, not filled in by a browser that shows a page of its history again. */
  isNew: boolean
}

/** Reads what was typed before the page came to life: on a slow line that is minutes after it shows. */
export function readTyped(page: Document): Typed {
  const read = (id: string) => page.querySelector<HTMLInputElement>(`input#${id}`)?.value ?? ''
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return { email: read('email'), code: read('code'), isNew: navigation?.type === 'navigate' }
}
