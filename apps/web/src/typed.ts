/** What somebody has typed into the page. */
export interface Typed {
  email: string
  code: string
}

/** Reads what was typed before the page came to life: on a slow line that is minutes after it shows. */
export function readTyped(page: Document): Typed {
  const read = (id: string) => page.querySelector<HTMLInputElement>(`input#${id}`)?.value ?? ''
  return { email: read('email'), code: read('code') }
}
