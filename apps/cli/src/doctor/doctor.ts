import { ignoredNames } from '@holdfast/settings'
import { openStoreToRead, StoreFileError, type StoreToRead } from '@holdfast/store'
import { isoTime } from '@holdfast/story'
import { readIdleMs } from '../idle-time.ts'
import type { Report } from '../report.ts'
import type { Settings } from '../settings.ts'
import { describeLack } from '../store-to-read.ts'
import { wrapBehind } from '../wrapped-text.ts'
import { checkDurability } from './check-durability.ts'
import { checkFile } from './check-file.ts'
import { checkKeyRing } from './check-key-ring.ts'
import { checkLoss } from './check-loss.ts'
import { checkMail } from './check-mail.ts'
import { checkServers } from './check-servers.ts'
import { type Finding, fine, type Level } from './finding.ts'
import { readKnownServers } from './known-servers.ts'
import type { Patient } from './patient.ts'

export interface DoctorOptions {
  quick?: boolean
}

const checks = [checkDurability, checkLoss, checkKeyRing, checkFile, checkMail, checkServers]
const exitCodes: Record<Level, number> = { ok: 0, warning: 1, fault: 2 }

/** Looks at an installation and says what is durable, what is not well and what to do about it. Changes nothing. */
export async function examine(settings: Settings, nowMs: number, options: DoctorOptions): Promise<Report> {
  const findings = [
    fine(
      'settings',
      `${settings.isProduction ? 'production' : 'development'}, store ${settings.storePath} (SQLite)`,
      { isProduction: settings.isProduction, store: settings.storePath },
    ),
    ...sayMisspelt(settings),
    ...(await lookAtStore(settings, nowMs, options)),
  ]
  const level = worstOf(findings)
  return {
    data: { level, at: isoTime(nowMs), findings },
    text: [`${isoTime(nowMs)}  ${summaryOf(findings)}`, '', ...linesOf(findings)].join('\n'),
    exitCode: exitCodes[level],
  }
}

function sayMisspelt({ misspelt }: Settings): Finding[] {
  const remedy = 'correct the names, or unset what is not for Holdfast'
  return ignoredNames(misspelt).map((says) => {
    return { level: 'warning', about: 'settings', says, remedy, data: { misspelt } }
  })
}

async function lookAtStore(settings: Settings, nowMs: number, options: DoctorOptions): Promise<Finding[]> {
  const opened = await open(settings.storePath)
  if (!opened.ok) return [opened.finding]
  const { store } = opened
  const findings: Finding[] = []
  try {
    const idleMs = await readIdleMs(store, settings)
    const servers = await readKnownServers(store, settings.storePath)
    const patient: Patient = { settings, store, servers, nowMs, idleMs, isQuick: options.quick === true }
    for (const check of checks) findings.push(...(await check(patient)))
  } catch (error) {
    findings.push(storeFault(settings.storePath, error))
  } finally {
    store.close()
  }
  return findings
}

type Opened = { ok: true; store: StoreToRead } | { ok: false; finding: Finding }

async function open(path: string): Promise<Opened> {
  try {
    const opened = openStoreToRead(path)
    if (opened.ok) return opened
    return { ok: false, finding: { level: 'fault', about: 'store', says: describeLack(path, opened.lack) } }
  } catch (error) {
    return { ok: false, finding: storeFault(path, error) }
  }
}

/** @throws whatever is no fault of the store */
function storeFault(path: string, error: unknown): Finding {
  const fault = StoreFileError.of(path, error)
  if (fault === undefined) throw error
  return { level: 'fault', about: 'store', says: fault.message }
}

function worstOf(findings: readonly Finding[]): Level {
  if (findings.some(({ level }) => level === 'fault')) return 'fault'
  return findings.some(({ level }) => level === 'warning') ? 'warning' : 'ok'
}

function summaryOf(findings: readonly Finding[]): string {
  const count = (wanted: Level) => findings.filter(({ level }) => level === wanted).length
  const [faults, warnings] = [count('fault'), count('warning')]
  return faults + warnings === 0 ? 'All is well.' : `Faults: ${faults}, warnings: ${warnings}.`
}

function linesOf(findings: readonly Finding[]): string[] {
  const aboutWidth = Math.max(...findings.map(({ about }) => about.length))
  const indent = 'warning  '.length + aboutWidth + 2
  return findings.flatMap(({ level, about, says, remedy }) => [
    `${level.padEnd('warning'.length)}  ${about.padEnd(aboutWidth)}  ${wrapBehind(indent, says)}`,
    ...(remedy === undefined ? [] : [`${' '.repeat(indent)}-> ${wrapBehind(indent + 3, remedy)}`]),
  ])
}
