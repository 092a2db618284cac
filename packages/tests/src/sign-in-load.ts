import { type Installation, type RunningServer, Visitor } from '@holdfast/drill'
import { type SignedInView, signedInView, signIn } from './sign-in.ts'

/** Somebody who was signed in before the load began. */
export interface Resident {
  visitor: Visitor
  view: SignedInView
  /** How many cookies were set until then. */
  cookiesBefore: number
}

const residentCount = 8
const newcomerCount = 6

/**
 * Constant load on several servers: residents who come back all the time, and newcomers who sign in. Every
 * request goes to another server than the one before it. Whatever was not answered as it should is kept.
 */
export class SignInLoad {
  readonly residents: Resident[] = []
  readonly faults: string[] = []
  /** Everybody who signed in meanwhile. */
  readonly newcomers: { visitor: Visitor; view: SignedInView }[] = []
  readonly #holdfast: Installation
  readonly #servers: readonly RunningServer[]
  readonly #rounds: number[] = []
  readonly #waiting: (() => void)[] = []
  #workers: Promise<void>[] = []
  #isOver = false
  #people = 0

  constructor(holdfast: Installation, servers: readonly RunningServer[]) {
    this.#holdfast = holdfast
    this.#servers = servers
  }

  /** Signs the residents in and begins. */
  async start(): Promise<void> {
    for (let at = 0; at < residentCount; at++) {
      const { visitor, view } = await signIn(this.#holdfast, this.#serverAt(at))
      this.residents.push({ visitor, view, cookiesBefore: visitor.setCookies.length })
    }
    const rounds = [
      ...this.residents.map((resident) => (turn: number) => this.#comeBack(resident, turn)),
      ...Array.from({ length: newcomerCount }, () => (turn: number) => this.#signIn(turn)),
    ]
    this.#workers = rounds.map((round, worker) => this.#work(worker, round))
  }

  /** Resolves once everybody has gone round `count` times more. */
  async rounds(count: number): Promise<void> {
    const goals = this.#rounds.map((done) => done + count)
    while (this.#rounds.some((done, worker) => done < (goals[worker] ?? 0))) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#workers)
  }

  async #work(worker: number, round: (turn: number) => Promise<void>): Promise<void> {
    this.#rounds[worker] = 0
    for (let turn = worker; !this.#isOver; turn++) {
      await round(turn).catch((error: Error) => this.faults.push(error.message))
      this.#rounds[worker] += 1
      for (const wake of this.#waiting.splice(0)) wake()
    }
  }

  async #comeBack({ visitor, view }: Resident, turn: number): Promise<void> {
    const found = signedInView(await visitor.at(this.#serverAt(turn)).session())
    if (found.signIn.id !== view.signIn.id) throw new Error('expected the sign-in from before')
  }

  /** Send, verify and come back, each at another server. */
  async #signIn(turn: number): Promise<void> {
    const visitor = new Visitor()
    this.#people += 1
    const email = `newcomer${this.#people}@example.com`
    const sent = await visitor.at(this.#serverAt(turn)).send({ email })
    if (!sent.ok) throw new Error(`expected a code, found ${JSON.stringify(sent.problem)}`)
    const { code } = await this.#holdfast.mailServer.nextMail(email)
    const view = signedInView(await visitor.at(this.#serverAt(turn + 1)).verify({ code }))
    await this.#comeBack({ visitor, view, cookiesBefore: 2 }, turn + 2)
    this.newcomers.push({ visitor, view })
  }

  #serverAt(turn: number): RunningServer {
    return this.#servers[turn % this.#servers.length] as RunningServer
  }
}
