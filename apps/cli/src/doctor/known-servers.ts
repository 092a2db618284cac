import type { StoreToRead } from '@holdfast/store'
import {
  type LifeSign,
  lifeMarkPath,
  type RunningServer,
  readLifeMark,
  readRunningServers,
} from '@holdfast/store'

/** A server whose end is not recorded, and whether it lives. */
export interface KnownServer extends RunningServer {
  state: LifeSign['state']
}

export async function readKnownServers(store: StoreToRead, storePath: string): Promise<KnownServer[]> {
  const servers = await readRunningServers(store)
  return Promise.all(
    servers.map(async (server) => {
      const { state } = await readLifeMark(lifeMarkPath(storePath, server.instance))
      return { ...server, state }
    }),
  )
}
