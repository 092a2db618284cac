import type { DevMail, DevState } from '@holdfast/page-data/dev'
import type { DevServer } from '../dev-server.ts'
import { isOtherProcess, judgeRestart, type Outcome } from './restart.ts'

/** Where the reference is kept of what this browser was last seen with: its story can be told after its end. */
export interface ReferenceMemory {
  read(): string
  keep(reference: string): void
}

/** The state of the overview. All of it comes from the server but which story was asked for. */
export class Overview {
  state = $state.raw<DevState | null>(null)
  mails = $state.raw<DevMail[]>([])
  outcome = $state.raw<Outcome | null>(null)
  /** The reference whose story is shown because somebody looked it up; empty for the session of this browser. */
  asked = $state('')
  /** The story is of a session that this browser no longer has. */
  isPast = $state(false)
  #server: DevServer
  #memory: ReferenceMemory
  #lookedUp = ''
  #turn = 0

  constructor(server: DevServer, memory: ReferenceMemory) {
    this.#server = server
    this.#memory = memory
  }

  readonly load = async (): Promise<boolean> => {
    const turn = ++this.#turn
    const asked = this.#lookedUp
    const [found, mails] = await Promise.all([this.#readState(asked), this.#server.mailbox('')])
    if (found === undefined || mails === undefined || turn !== this.#turn) return false
    const { state, isPast } = found
    if (this.state && isOtherProcess(this.state, state)) this.outcome = judgeRestart(this.state, state)
    this.state = state
    this.asked = asked
    this.isPast = isPast
    this.mails = mails
    return true
  }

  async lookUp(reference: string): Promise<void> {
    this.#lookedUp = reference.trim()
    await this.load()
  }

  async #readState(asked: string): Promise<{ state: DevState; isPast: boolean } | undefined> {
    const state = await this.#server.state(asked)
    if (state === undefined) return undefined
    if (asked !== '') return { state, isPast: false }
    if (state.story !== null) {
      this.#memory.keep(state.story.reference ?? '')
      return { state, isPast: false }
    }
    const last = this.#memory.read()
    if (last === '') return { state, isPast: false }
    const past = await this.#server.state(last)
    return past && { state: past, isPast: true }
  }
}
