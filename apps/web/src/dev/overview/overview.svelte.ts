import type { DevMail, DevServer, DevState } from '../dev-server.ts'
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
  /** A reference that somebody looked up; empty for the session of this browser. */
  asked = $state('')
  /** The story is of a session that this browser no longer has. */
  isPast = $state(false)
  #server: DevServer
  #memory: ReferenceMemory

  constructor(server: DevServer, memory: ReferenceMemory) {
    this.#server = server
    this.#memory = memory
  }

  readonly load = async (): Promise<boolean> => {
    const [state, mails] = await Promise.all([this.#readState(), this.#server.mailbox('')])
    if (state === undefined || mails === undefined) return false
    if (this.state && isOtherProcess(this.state, state)) this.outcome = judgeRestart(this.state, state)
    this.state = state
    this.mails = mails
    return true
  }

  async lookUp(reference: string): Promise<void> {
    this.asked = reference.trim()
    await this.load()
  }

  async #readState(): Promise<DevState | undefined> {
    const state = await this.#server.state(this.asked)
    this.isPast = false
    if (state === undefined || this.asked !== '') return state
    if (state.story !== null) {
      this.#memory.keep(state.story.reference ?? '')
      return state
    }
    const last = this.#memory.read()
    if (last === '') return state
    this.isPast = true
    return this.#server.state(last)
  }
}
