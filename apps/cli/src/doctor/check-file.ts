import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isErrno } from '@holdfast/core'
import { largeLogBytes } from '@holdfast/store'
import { sizeOf } from '../size-text.ts'
import { type Finding, fine } from './finding.ts'
import type { Patient } from './patient.ts'

const mebibyte = 1024 * 1024
const leastFree = { warning: 200 * mebibyte, fault: 20 * mebibyte }
const forOthers = 0o077

/** The file itself: whole, of which version, how large, for whose eyes, and with room to grow. */
export async function checkFile(patient: Patient): Promise<Finding[]> {
  const { store, settings } = patient
  return [
    checkIntegrity(patient),
    fine('store', `generation ${store.generation}, schema ${store.schemaVersion}`, {
      generation: store.generation,
      schema: store.schemaVersion,
    }),
    await checkSize(patient),
    checkRows(patient),
    await checkDisk(settings.storePath),
    await checkModes(settings.storePath),
  ]
}

function checkIntegrity({ store, isQuick }: Patient): Finding {
  const rows = store.ask(isQuick ? 'PRAGMA quick_check' : 'PRAGMA integrity_check')
  const said = rows.map((row) => String(Object.values(row)[0]))
  if (said.length === 1 && said[0] === 'ok') {
    return fine('integrity', isQuick ? 'ok (quick check)' : 'ok (every page, row and index)')
  }
  return {
    level: 'fault',
    about: 'integrity',
    says: `the file is damaged: ${said.slice(0, 3).join('; ')}${said.length > 3 ? ` and ${said.length - 3} more` : ''}`,
    remedy: 'stop the servers, keep a copy of the damaged file, restore the last backup (docs/operations.md)',
  }
}

async function checkSize({ store, settings }: Patient): Promise<Finding> {
  const [fileBytes, walBytes] = await Promise.all([
    bytesOf(settings.storePath),
    bytesOf(`${settings.storePath}-wal`),
  ])
  const pragma = (name: string) => Number(store.ask(`PRAGMA ${name}`)[0]?.[name])
  const freeBytes = pragma('freelist_count') * pragma('page_size')
  const says = `file ${sizeOf(fileBytes)}, of which free ${sizeOf(freeBytes)}; WAL ${sizeOf(walBytes)}`
  const data = { fileBytes, freeBytes, walBytes }
  if (walBytes < largeLogBytes) return fine('size', says, data)
  return {
    level: 'warning',
    about: 'size',
    says: `${says}: something reads for so long that the WAL cannot be taken over into the file`,
    remedy: 'end the program, other than Holdfast, that has the file open',
    data,
  }
}

async function bytesOf(path: string): Promise<number> {
  return (await statIfAny(path))?.size ?? 0
}

function checkRows({ store }: Patient): Finding {
  const tables = store
    .ask(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'kysely_%' ORDER BY name",
    )
    .map(({ name }) => String(name))
  const counts = Object.fromEntries(
    tables.map((table) => [table, Number(store.ask(`SELECT count(*) AS count FROM "${table}"`)[0]?.count)]),
  )
  const says = Object.entries(counts).map(([table, count]) => `${table} ${count}`)
  return fine('rows', says.join(', '), counts)
}

async function checkDisk(storePath: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dirname(storePath))
  const freeBytes = bavail * bsize
  const says = `${sizeOf(freeBytes)} free where the store is`
  if (freeBytes >= leastFree.warning) return fine('disk', says, { freeBytes })
  return {
    level: freeBytes < leastFree.fault ? 'fault' : 'warning',
    about: 'disk',
    says,
    remedy: 'make room: on a full disk nobody can sign in, and nobody is signed out',
    data: { freeBytes },
  }
}

async function checkModes(storePath: string): Promise<Finding> {
  const paths = [storePath, `${storePath}-wal`, `${storePath}-shm`]
  const open: string[] = []
  for (const path of paths) {
    const mode = (await statIfAny(path))?.mode ?? 0
    if ((mode & forOthers) !== 0) open.push(path)
  }
  if (open.length === 0) return fine('file modes', 'the store is for its user alone')
  return {
    level: 'warning',
    about: 'file modes',
    says: `other users of this machine can read addresses in ${open.join(', ')}`,
    remedy: `chmod go= ${open.join(' ')}`,
  }
}

async function statIfAny(path: string) {
  try {
    return await stat(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}
