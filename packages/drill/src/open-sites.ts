import { Site, type SiteOptions } from './site.ts'

/** Every site that is open or being opened, so that all of them can be closed at any moment. */
export class OpenSites {
  readonly #open = new Set<Site>()
  readonly #opening = new Set<Promise<Site>>()
  #isClosing = false

  async open(options: SiteOptions): Promise<Site> {
    const opening = Site.open({
      ...options,
      onOpening: (site) => {
        this.#open.add(site)
        if (this.#isClosing) throw new Error('the drill is over')
      },
    })
    this.#opening.add(opening)
    try {
      return await opening
    } finally {
      this.#opening.delete(opening)
    }
  }

  async close(site: Site, options?: { keepFolder?: boolean }): Promise<void> {
    await site.close(options)
    this.#open.delete(site)
  }

  /** Closes those that are open, and those that are half open as soon as that can be done. */
  async closeAll(): Promise<void> {
    this.#isClosing = true
    await Promise.allSettled([...this.#open].map((site) => site.close()))
    await Promise.allSettled(this.#opening)
    await Promise.all([...this.#open].map((site) => this.close(site)))
  }
}
