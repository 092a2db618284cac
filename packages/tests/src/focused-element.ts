import type { Page } from 'playwright-core'

/** What a screen reader says of an element. */
export interface SpokenElement {
  role: string
  name: string
  description: string
  value: string
  isInvalid: boolean
}

/** The element that has the focus, as it stands in Chromium's accessibility tree. */
export async function focusedElement(page: Page): Promise<SpokenElement | undefined> {
  const session = await page.context().newCDPSession(page)
  try {
    const { nodes } = await session.send('Accessibility.getFullAXTree')
    const focused = nodes.findLast(({ properties }) =>
      properties?.some(({ name, value }) => name === 'focused' && value.value),
    )
    if (focused === undefined) return undefined
    const text = (value: { value?: unknown } | undefined) => String(value?.value ?? '')
    return {
      role: text(focused.role),
      name: text(focused.name),
      description: text(focused.description),
      value: text(focused.value),
      isInvalid:
        focused.properties?.some(({ name, value }) => name === 'invalid' && value.value === 'true') ?? false,
    }
  } finally {
    await session.detach()
  }
}
