import { fileURLToPath } from 'node:url'

/** A server that is measured, and how it is started. */
export interface Contestant {
  name: string
  arguments: readonly string[]
  environment: Record<string, string>
  /** Answers 200 once the server can do its work. */
  readyPath: string
}

export const bareKoa: Contestant = {
  name: 'bare Koa',
  arguments: [pathOf('./peers/bare-koa.ts')],
  environment: {},
  readyPath: '/',
}

export const koaSessionMap: Contestant = {
  name: 'koa-session, Map',
  arguments: [pathOf('./peers/koa-session-map.ts')],
  environment: {},
  readyPath: '/',
}

/** As it is developed with: no `NODE_ENV`, SQLite with synchronous=FULL, mail to the developer mailbox. */
export const holdfast: Contestant = {
  name: 'Holdfast',
  arguments: ['--disable-warning=ExperimentalWarning', pathOf('../../../apps/api/bin/holdfast-api.mjs')],
  environment: {
    DATA_DIR: './data',
    LIMIT_SENDS_PER_IP_PER_HOUR: '0',
    LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '0',
    LIMIT_SENDS_PER_ADDRESS_PER_DAY: '0',
    LIMIT_SENDS_PER_HOUR: '0',
  },
  readyPath: '/readyz',
}

function pathOf(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url))
}
