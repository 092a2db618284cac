import { constants } from 'node:fs'
import { lstat, open, realpath, stat } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { isErrno } from './errno.ts'
import { KeyRingError } from './key-ring-error.ts'

export interface InspectedKeyFile {
  /** It is mounted by way of a link, as Kubernetes does. */
  isLink: boolean
  /** What makes it unsafe without making it unusable. */
  concerns: string[]
}

/** Neither read nor written beyond this. */
export const largestFileBytes = 64 * 1024
const readByOthers = 0o044
const writtenByOthers = 0o022
const sticky = 0o1000

/**
 * Looks at a key file before it is read: what it is, whose it is and who else could read or change it. A link
 * may lead on within its own folder only, as the mounts of Kubernetes do (`..data`). `undefined` when nothing
 * is there.
 *
 * @throws {KeyRingError} when it must not be read
 */
export async function inspectKeyFile(path: string): Promise<InspectedKeyFile | undefined> {
  const link = await lstatIfAny(path)
  if (link === undefined) return undefined
  const isLink = link.isSymbolicLink()
  if (isLink) await refuseLinkElsewhere(path)
  const file = await stat(path)
  if (!file.isFile()) throw new KeyRingError('is not a regular file')
  if (file.size > largestFileBytes) throw new KeyRingError('is larger than 64 KiB')

  const ownUid = process.getuid?.()
  if (ownUid === undefined) return { isLink, concerns: [] }
  // A mount for a group, as Kubernetes makes one with fsGroup, belongs to root and is read by its group.
  const isMounted = isLink || (file.uid === 0 && ownUid !== 0)
  const concerns: string[] = []
  if (file.uid !== ownUid && file.uid !== 0) {
    concerns.push(`belongs to user ${file.uid}, who can change it; run: chown ${ownUid} ${path}`)
  }
  const allowed = isMounted ? 0o040 : 0
  if (file.mode & readByOthers & ~allowed) {
    concerns.push(`can be read by other users of this machine; ${remedyFor(path, isMounted)}`)
  } else if (file.mode & writtenByOthers) {
    concerns.push(`can be changed by other users of this machine; ${remedyFor(path, isMounted)}`)
  }
  const folder = await stat(dirname(path))
  const isSticky = (folder.mode & sticky) !== 0
  const ownGroups = process.getgroups?.() ?? []
  if (folder.mode & 0o002 && !isSticky) {
    concerns.push(
      `is in a folder where anybody can put another in its place; run: chmod o-w ${dirname(path)}`,
    )
  } else if (folder.uid !== ownUid && folder.uid !== 0 && !isSticky) {
    concerns.push(
      `is in a folder of user ${folder.uid}, who can put another in its place; run: chown ${ownUid} ${dirname(path)}`,
    )
  } else if (folder.mode & 0o020 && !isSticky && folder.gid !== 0 && !ownGroups.includes(folder.gid)) {
    concerns.push(
      `is in a folder where another group can put another in its place; run: chmod g-w ${dirname(path)}`,
    )
  }
  return { isLink, concerns }
}

/** Reads a file that was inspected, without waiting or reading on for ever should another stand there by now. */
export async function readRegularFile(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const file = await handle.stat()
    if (!file.isFile()) throw new KeyRingError('is not a regular file')
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(largestFileBytes + 1))
    // The kernel makes up what is under /proc while it is read.
    if (file.size === 0 && bytesRead > 0) throw new KeyRingError('is not a regular file')
    if (bytesRead > largestFileBytes) throw new KeyRingError('is larger than 64 KiB')
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

function remedyFor(path: string, isMounted: boolean): string {
  return isMounted ? 'mount it with mode 0400, or 0440 with fsGroup' : `run: chmod 600 ${path}`
}

async function lstatIfAny(path: string) {
  try {
    return await lstat(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

async function refuseLinkElsewhere(path: string): Promise<void> {
  const target = await targetOf(path)
  const folder = await realpath(dirname(path))
  if (!target.startsWith(folder + sep)) {
    throw new KeyRingError('is a symbolic link that leads out of its folder; name the file itself')
  }
}

async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    if (isErrno(error, 'ENOENT')) throw new KeyRingError('is a symbolic link that leads nowhere')
    if (isErrno(error, 'ELOOP')) throw new KeyRingError('is a symbolic link that leads back to itself')
    throw error
  }
}
