import { join } from 'node:path'
import { checkPromises } from './checker.ts'
import type { MailReceipt, Testimony, Violation } from './checks/evidence.ts'
import { mountSmallDisk } from './faults/full-disk.ts'
import { readFinalRows } from './final-rows.ts'
import type { HistoryLine } from './history.ts'
import { columnTitles } from './matrix-names.ts'
import { onInterruption } from './on-interruption.ts'
import { OpenSites } from './open-sites.ts'
import { hasOwnMounts } from './own-mounts.ts'
import type { Person } from './person.ts'
import { createPlan, type Plan, type PlanOptions, type RoundPlan, type SitePlan } from './plan.ts'
import { countRequestsInFlight } from './requests-in-flight.ts'
import { runRound } from './round.ts'
import type { Site } from './site.ts'

export interface DrillOptions extends PlanOptions {
  /** How long people try what does not work, in milliseconds. */
  patienceMs?: number
  /** Settings for every server and command. */
  settings?: Record<string, string>
  /** Told of each round that is over. */
  onProgress?: (text: string) => void
  /** Leaves the folders where they are, and tells where. */
  keepFolders?: boolean
}

export interface DrillResult {
  plan: Plan
  /** The histories of all sites, each line with its site. */
  lines: (HistoryLine & { site: string })[]
  violations: Violation[]
  operations: number
  /** Of these, how many were in flight when a fault struck, and how many of those were right codes. */
  struck: { operations: number; rightCodes: number }
  seconds: number
}

/** Runs a plan to its end, all sites side by side, and checks what each of them has seen. */
export async function runDrill(options: DrillOptions): Promise<DrillResult> {
  const beganAtMs = performance.now()
  const columns = options.columns.filter((column) => column !== 'disk-full' || hasOwnMounts())
  const plan = createPlan({ ...options, columns })
  const open = new OpenSites()
  const interruption = onInterruption(() => open.closeAll())
  try {
    const seen = (await Promise.all(plan.sites.map((site) => runSite(site, options, open)))).flat()
    const lines = seen.flatMap(({ site, testimony }) => testimony.lines.map((line) => ({ ...line, site })))
    const inFlight = seen.map(({ testimony }) => countRequestsInFlight(testimony.lines))
    return {
      plan,
      lines,
      struck: {
        operations: sum(inFlight.map(({ all }) => all)),
        rightCodes: sum(inFlight.map(({ of }) => of['right-code'] ?? 0)),
      },
      violations: seen.flatMap(({ testimony }) => checkPromises(testimony)),
      operations: lines.filter(({ kind }) => kind === 'invoke').length,
      seconds: (performance.now() - beganAtMs) / 1000,
    }
  } finally {
    await interruption.over()
    await open.closeAll()
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0)
}

interface Seen {
  site: string
  testimony: Testimony
}

async function runSite(plan: SitePlan, options: DrillOptions, open: OpenSites): Promise<Seen[]> {
  const { name, processes } = plan
  const seen: Seen[] = []
  const site = await openSite(name, processes, options, open)
  await untilFailure(site, async () => {
    const people: Person[] = []
    for (const round of plan.rounds) {
      const where = `${name}, round ${round.number} of ${plan.rounds.length}: ${columnTitles[round.column]}`
      if (round.column === 'disk-full') seen.push(await runOnSmallDisk(round, plan, options, open))
      else people.push(...(await runRound(site, round)))
      options.onProgress?.(`${where}, ${round.people.length} people`)
    }
    await lookOnceMore(people)
  })
  seen.push({ site: name, testimony: await endSite(site, options, open) })
  return seen
}

/** A server that does not start or stop as it should ends the drill there: a finding, and told as one. */
async function untilFailure(site: Site, work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    site.history.add({ kind: 'site-failed', because: (error as Error).message })
  }
}

/** The disk that is filled is a small one, with a site of its own on it. */
async function runOnSmallDisk(
  round: RoundPlan,
  { name, processes }: SitePlan,
  options: DrillOptions,
  open: OpenSites,
): Promise<Seen> {
  const siteName = `${name}-small-disk-${round.number}`
  const site = await openSite(siteName, processes, options, open, mountSmallDisk)
  await untilFailure(site, async () => lookOnceMore(await runRound(site, round)))
  return { site: siteName, testimony: await endSite(site, options, open) }
}

function openSite(
  name: string,
  processes: number,
  { settings = {}, patienceMs }: DrillOptions,
  open: OpenSites,
  prepare?: typeof mountSmallDisk,
): Promise<Site> {
  return open.open({
    name,
    processes,
    settings,
    ...(patienceMs === undefined ? {} : { patienceMs }),
    ...(prepare === undefined ? {} : { prepare }),
  })
}

const lookingAtOnce = 50

/** After all that has happened since, everybody comes back once more. */
async function lookOnceMore(people: readonly Person[]): Promise<void> {
  const waiting = people.values()
  const lookAtAll = async () => {
    for (const person of waiting) await person.look()
  }
  await Promise.all(Array.from({ length: lookingAtOnce }, lookAtAll))
}

/** Stops the servers as a deploy does, reads what they have left, and removes it. */
async function endSite(site: Site, options: DrillOptions, open: OpenSites): Promise<Testimony> {
  await untilFailure(site, async () => {
    await Promise.all(site.servers.map((_, slot) => site.stop(slot)))
  })
  await site.killAll()
  const { installation } = site
  const mails = installation.mailServer.mails.flatMap((mail) =>
    mail.recipients.map((to): MailReceipt => ({ to, ...pickReceipt(mail) })),
  )
  const rows = readFinalRows(join(installation.dataFolder, 'holdfast.db'))
  const testimony = { lines: site.history.lines, mails, rows }
  await open.close(site, { keepFolder: options.keepFolders === true })
  if (options.keepFolders === true) options.onProgress?.(`${site.name} is kept in ${installation.folder}`)
  return testimony
}

function pickReceipt({
  messageId,
  beganAtMs,
  atMs,
  wasConfirmed,
}: Omit<MailReceipt, 'to'>): Omit<MailReceipt, 'to'> {
  return { messageId, beganAtMs, atMs, wasConfirmed }
}
