import type { EmbedSettings } from '@holdfast/page-data'

/** What lies beside the element's script; loaded once a page. */
export interface Parts extends EmbedSettings {
  /** A sheet that is adopted, which no policy of the page has to allow as it would a style element. */
  styles: CSSStyleSheet
}

/** Loads what can be had: the element works without either. */
export async function loadParts(script: string): Promise<Parts> {
  const [style = '', settings] = await Promise.all([
    load(new URL('holdfast-sign-in.css', script), (answer) => answer.text()),
    load(new URL('settings.json', script), (answer): Promise<EmbedSettings> => answer.json()),
  ])
  const styles = new CSSStyleSheet()
  styles.replaceSync(style)
  // Without it, the tries that are left are said where a wrong code is answered, and not before.
  return { styles, maxAttempts: settings?.maxAttempts ?? 0 }
}

async function load<Loaded>(
  url: URL,
  read: (answer: Response) => Promise<Loaded>,
): Promise<Loaded | undefined> {
  try {
    const answer = await fetch(url)
    return answer.ok ? await read(answer) : undefined
  } catch {
    return undefined
  }
}
