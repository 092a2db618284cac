import type { SessionView } from '@holdfast/client'
import { nextLookInMs } from './next-look.ts'

/** The looks that a page takes by itself, while it waits for news of a mail. */
export class OwnLooks {
  #look: () => void
  #withoutNews = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #isHurried = false

  constructor(look: () => void) {
    this.#look = look
  }

  /** Something was answered: to one more look at the same, or with news. */
  count(isNews: boolean): void {
    this.#withoutNews = isNews ? 0 : this.#withoutNews + 1
  }

  /** Has the next one be planned for at once: an answer that is on its way may be older than what there is to see. */
  hurry(): void {
    this.#isHurried = true
  }

  /** Plans the next one, in place of the one that was planned. */
  plan(view: SessionView | null): void {
    this.stop()
    const lookInMs = this.#isHurried ? 0 : nextLookInMs(view, this.#withoutNews)
    this.#isHurried = false
    if (lookInMs !== null) this.#timer = setTimeout(this.#look, lookInMs)
  }

  stop(): void {
    clearTimeout(this.#timer)
  }
}
