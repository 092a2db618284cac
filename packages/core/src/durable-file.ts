import { randomBytes } from 'node:crypto'
import type { Stats } from 'node:fs'
import { link, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

const leftover = /^[0-9a-f]{12}\.tmp$/

/*
 * A file that is there with all of its content or not at all, power cut included: it is written and synced
 * under another name, gets its name in one step, and then the folder is synced. Whoever calls holds the lock.
 */

/** Makes the file. @throws EEXIST when there is one: it is never overwritten. */
export async function createDurably(path: string, text: string): Promise<void> {
  await writeDurably(path, text, link)
}

/** Puts the file in the place of the one that is there, whose owner and mode it keeps: root may do it for a server. */
export async function replaceDurably(path: string, text: string): Promise<void> {
  await writeDurably(path, text, rename, await stat(path))
}

/** What a process that was killed while it wrote left beside `path`. */
export async function findLeftovers(path: string): Promise<string[]> {
  const folder = dirname(path)
  const prefix = `${basename(path)}.`
  const isLeftover = (name: string) => name.startsWith(prefix) && leftover.test(name.slice(prefix.length))
  return (await readdir(folder)).filter(isLeftover).map((name) => join(folder, name))
}

export async function removeLeftovers(path: string): Promise<void> {
  for (const file of await findLeftovers(path)) await rm(file, { force: true })
}

async function writeDurably(
  path: string,
  text: string,
  name: (from: string, to: string) => Promise<void>,
  like?: Stats,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', 0o600)
    try {
      if (like !== undefined) {
        const own = await handle.stat()
        if (own.uid !== like.uid || own.gid !== like.gid) await handle.chown(like.uid, like.gid)
        await handle.chmod(like.mode & 0o777)
      }
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await name(temporary, path)
  } finally {
    await rm(temporary, { force: true })
  }
  await syncFolder(dirname(path))
}

/** Makes names durable that were given or taken in a folder. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
