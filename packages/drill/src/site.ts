import { setTimeout } from 'node:timers/promises'
import { History } from './history.ts'
import { type Installation, openInstallation, production, type RunningServer } from './installation.ts'
import { LostPersonError } from './lost-person-error.ts'
import type { LogLine, ServerProcess } from './server-process.ts'
import { setClock, settableClock } from './settable-clock.ts'

export interface SiteOptions {
  name: string
  /** How many server processes share the store. */
  processes: number
  /** How long people and the operator try what does not work, in milliseconds. */
  patienceMs?: number
  /** Settings over those of the drill, for servers and commands alike. */
  settings?: Record<string, string>
  /** The words of a program that runs each server. */
  under?: readonly string[]
  /** Told of the site as soon as there is something to clean up. */
  onOpening?: (site: Site) => void
  /** Called with the folder before anything is in it; what comes back undoes it. */
  prepare?: (installation: Installation) => Promise<() => Promise<void>>
}

/** Nobody comes too often here: budgets have tests of their own. A new key signs soon. */
const settingsOfDrill = {
  ...production,
  SECRET_KEY_SOURCE: 'file:data/secret_key.txt',
  KEY_RELOAD_SECONDS: '5',
  LIMIT_SENDS_PER_IP_PER_HOUR: '0',
  LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '0',
  LIMIT_SENDS_PER_ADDRESS_PER_DAY: '0',
  LIMIT_SENDS_PER_HOUR: '0',
  LIMIT_WRONG_PER_ADDRESS_PER_DAY: '0',
}

const operator = 'operator'

/**
 * One installation under the drill: a folder, a mail server, and server processes that come and go. People reach
 * them as through a proxy, which sends each request to one of those that should be there.
 */
export class Site {
  readonly name: string
  readonly history = new History()
  readonly installation: Installation
  readonly patienceMs: number
  readonly #under: readonly string[]
  readonly #servers: RunningServer[] = []
  /** A command that works on the keys: a crash of the machine takes it along. */
  readonly #commands = new Set<AbortController>()
  #turn = 0
  #cleanUp: (() => Promise<void>) | undefined
  #rotation: Promise<string> | undefined

  private constructor(
    name: string,
    installation: Installation,
    patienceMs: number,
    under: readonly string[],
  ) {
    this.name = name
    this.installation = installation
    this.patienceMs = patienceMs
    this.#under = under
  }

  static async open(options: SiteOptions): Promise<Site> {
    const { name, processes, patienceMs = 60_000, settings = {}, under = [], prepare } = options
    const installation = await openInstallation({
      ...settingsOfDrill,
      ...settings,
      ...settableClock(settings.NODE_OPTIONS),
    })
    const site = new Site(name, installation, patienceMs, under)
    try {
      options.onOpening?.(site)
      setClock(installation.folder, 0)
      site.#cleanUp = await prepare?.(installation)
      await Promise.all(Array.from({ length: processes }, (_, slot) => site.start(slot)))
      return site
    } catch (error) {
      await site.close()
      throw error
    }
  }

  get servers(): readonly RunningServer[] {
    return this.#servers
  }

  /** Where the next request goes: the processes take turns, whether they live or not. */
  nextServer(): RunningServer {
    this.#turn += 1
    return this.serverAt(this.#turn % this.#servers.length)
  }

  serverAt(slot: number): RunningServer {
    const server = this.#servers[slot]
    if (server === undefined) throw new Error(`no server process ${slot} at ${this.name}`)
    return server
  }

  /** Starts a server process in the place of the one that was there. */
  async start(slot: number): Promise<void> {
    const server = await this.installation.start({ under: this.#under })
    this.#servers[slot] = server
    this.history.add({ kind: 'server-ready', pid: server.process.pid })
  }

  /** As the kernel kills it, in the middle of whatever it does. */
  async kill(slots: readonly number[]): Promise<void> {
    for (const command of this.#commands) command.abort()
    const victims = slots.map((slot) => this.serverAt(slot).process)
    for (const { pid } of victims) this.history.add({ kind: 'server-killed', pid })
    await Promise.all(victims.map((victim) => victim.kill()))
  }

  /** Whatever is still there is no longer. */
  async killAll(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.process.kill()))
  }

  /** As a deploy stops it; throws unless it ends with exit code 0. */
  async stop(slot: number): Promise<void> {
    const { process } = this.serverAt(slot)
    const exitCode = await process.stop()
    this.history.add({ kind: 'server-stopped', pid: process.pid })
    if (exitCode !== 0) throw new Error(`a server stopped with ${exitCode}:\n${tail(process)}`)
  }

  /** Sets the clock of every server and command here that far off. They see it with their next look at it. */
  setClock(offsetMs: number): void {
    this.history.add({ kind: 'clock-set', offsetMs })
    setClock(this.installation.folder, offsetMs)
  }

  /** From here on another rotation may begin. */
  beginRound(): void {
    this.#rotation = undefined
  }

  /** The one rotation of a round, as far as the operator does it: the new key's id, once the command has ended well. */
  stageKey(): Promise<string> {
    this.#rotation ??= this.#stageKey()
    return this.#rotation
  }

  /** The one rotation of a round: the new key's id, once every server signs with it. */
  async rotateKeys(): Promise<string> {
    const kid = await this.stageKey()
    const isOver = new AbortController()
    const tooLate = setTimeout(this.patienceMs, undefined, { signal: isOver.signal }).then(() => {
      throw new LostPersonError(`key ${kid} does not sign at every server`)
    })
    try {
      await Promise.race([Promise.all(this.#servers.map((_, slot) => this.#signsAt(slot, kid))), tooLate])
    } finally {
      tooLate.catch(() => {})
      isOver.abort()
    }
    return kid
  }

  /** Notes which keys there are. */
  async listKeys(): Promise<void> {
    const id = this.history.invoke({ who: operator, browser: 'shell', action: 'list-keys' })
    const listed = await this.#command('keys', 'list', '--json')
    if (listed.exitCode !== 0) {
      this.history.add({ kind: 'fail', id, outcome: { code: `exit code ${listed.exitCode}` } })
      return
    }
    const { ringId, keys } = listed.json as { ringId: string; keys: { kid: string; state: string }[] }
    const kids = keys.filter(({ state }) => state !== 'revoked').map(({ kid }) => kid)
    this.history.add({ kind: 'ok', id, outcome: { ringId, kids } })
  }

  async #stageKey(): Promise<string> {
    const giveUpAtMs = performance.now() + this.patienceMs
    for (;;) {
      const id = this.history.invoke({ who: operator, browser: 'shell', action: 'rotate' })
      const rotated = await this.#command('keys', 'rotate', '--in', '1', '--json')
      if (rotated.exitCode === 0) {
        const { kid } = rotated.json as { kid: string }
        this.history.add({ kind: 'ok', id, outcome: { kids: [kid] } })
        for (const { process } of this.#servers) process.signal('SIGHUP')
        return kid
      }
      this.history.add({ kind: 'unknown', id, outcome: { code: `exit code ${rotated.exitCode}` } })
      if (performance.now() > giveUpAtMs)
        throw new LostPersonError(`the key cannot be rotated: ${rotated.stderr}`)
      await setTimeout(200)
    }
  }

  /** A process that ends meanwhile is asked no more, but the one that starts in its place. */
  async #signsAt(slot: number, kid: string): Promise<void> {
    const { process } = this.serverAt(slot)
    const isSaid = (line: LogLine) => line.signs === kid || String(line.keys).includes(`${kid} signs`)
    const hasSigned = await process.log(isSaid).then(
      () => true,
      () => false,
    )
    if (hasSigned) return
    while (this.serverAt(slot).process === process) await setTimeout(20)
    await this.#signsAt(slot, kid)
  }

  /** Resolves once the fault of the mail server was met so often, or the servers have had time to meet it. */
  async metByMail(times: number): Promise<void> {
    const { mailServer } = this.installation
    const giveUpAtMs = performance.now() + this.patienceMs
    while (mailServer.faultsMet < times && performance.now() < giveUpAtMs) await setTimeout(20)
  }

  /** Runs `holdfast` here. */
  async #command(...args: string[]) {
    const controller = new AbortController()
    this.#commands.add(controller)
    try {
      return await this.installation.commandWith({ signal: controller.signal }, ...args)
    } finally {
      this.#commands.delete(controller)
    }
  }

  /** Ends everything that runs here, and removes it. */
  async close(options?: { keepFolder?: boolean }): Promise<void> {
    for (const command of this.#commands) command.abort()
    await this.killAll()
    const cleanUp = this.#cleanUp
    this.#cleanUp = undefined
    await cleanUp?.()
    await this.installation.close(options)
  }
}

function tail({ output }: ServerProcess): string {
  return output.slice(-2_000)
}
