import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { textContrast } from './text-contrast.ts'

interface InPage {
  axe: Pick<typeof axe, 'run'>
  textContrast: typeof textContrast
}

/**
 * What is wrong with a page as it is now by WCAG 2.2 AA: each rule, and the elements that break it. What axe leaves to be
 * judged is wrong too, but for a contrast that is seen to be enough. Frames are left out: in one that runs no script axe
 * cannot run either.
 */
export async function accessibilityFaults(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis)))
    await page.evaluate(`${axe.source}; globalThis.textContrast = ${textContrast}`)
  return page.evaluate(async () => {
    const { axe, textContrast } = globalThis as unknown as InPage
    const { violations, incomplete } = await axe.run({
      iframes: false,
      rules: {
        // The one rule for what WCAG 2.2 has brought: it is off unless it is asked for.
        'target-size': { enabled: true },
        // It says that axe does not run in a frame.
        'frame-tested': { enabled: false },
      },
      resultTypes: ['violations', 'incomplete'],
      elementRef: true,
    })
    const shadows = [...document.querySelectorAll('*')].flatMap(({ shadowRoot }) => shadowRoot ?? [])
    const emptyFields = [document, ...shadows].flatMap((root) => [
      ...root.querySelectorAll<HTMLElement>('input:placeholder-shown'),
    ])
    const undecided = incomplete.flatMap(({ id, nodes }) => nodes.map((node) => ({ id, ...node })))
    const isContrast = ({ id }: { id: string }) => id === 'color-contrast'
    const faint = [
      ...undecided.filter(isContrast).flatMap(({ element }) => element ?? []),
      // Axe does not look at the words in an empty field.
      ...emptyFields,
    ]
      .map((element) => ({ contrast: textContrast(element), html: element.outerHTML }))
      // For text of any size. (1.4.3)
      .filter(({ contrast }) => contrast < 4.5)
    return [
      ...violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`)),
      ...undecided.filter((node) => !isContrast(node)).map(({ id, html }) => `${id}, to be judged: ${html}`),
      ...faint.map(({ contrast, html }) => `contrast ${contrast.toFixed(2)}: ${html}`),
    ]
  })
}
