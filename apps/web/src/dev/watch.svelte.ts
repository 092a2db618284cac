import type { Pulse } from '@holdfast/page-data/dev'
import type { DevServer } from './dev-server.ts'

const everyMs = 1_000
/** What ends by time alone leaves no entry: as old as this, what is shown is read again. */
const staleAfterMs = 15_000

/**
 * Asks the server once a second whether anything is new, as long as somebody looks at the page. So it sees a server
 * that goes away and one that comes back, whichever process it is, and holds no connection open.
 */
export class Watch {
  pulse = $state.raw<Pulse | null>(null)
  isAway = $state(false)
  nowMs = $state(Date.now())
  #server: Pick<DevServer, 'pulse'>
  #onNews: () => Promise<boolean>
  #readAtMs = 0

  /** `onNews` reads what is shown, and says whether it could. */
  constructor(server: Pick<DevServer, 'pulse'>, onNews: () => Promise<boolean>) {
    this.#server = server
    this.#onNews = onNews
  }

  start(): void {
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = async () => {
      clearTimeout(timer)
      if (document.visibilityState === 'visible') await this.look()
      clearTimeout(timer)
      timer = setTimeout(look, everyMs)
    }
    document.addEventListener('visibilitychange', look)
    look()
  }

  async look(): Promise<void> {
    const pulse = await this.#server.pulse()
    this.nowMs = Date.now()
    this.isAway = pulse === undefined
    if (pulse === undefined || !this.#isNews(pulse)) return
    if (!(await this.#onNews())) return
    this.pulse = pulse
    this.#readAtMs = this.nowMs
  }

  #isNews(pulse: Pulse): boolean {
    const isStale = this.nowMs - this.#readAtMs >= staleAfterMs
    return isStale || JSON.stringify(pulse) !== JSON.stringify(this.pulse)
  }
}
