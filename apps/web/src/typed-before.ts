/** What somebody has typed before the page came to life: on a slow line that is minutes after it shows. */
export interface TypedBefore {
  email: string
  code: string
  /** It was typed into this very page, not filled in by a browser that shows a page of its history again. */
  isNew: boolean
}

export function readTypedBefore(page: Document): TypedBefore {
  const read = (id: string) => page.querySelector<HTMLInputElement>(`input#${id}`)?.value ?? ''
  const [navigation] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[]
  return { email: read('email'), code: read('code'), isNew: navigation?.type === 'navigate' }
}
