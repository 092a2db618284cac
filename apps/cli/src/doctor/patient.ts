import type { StoreToRead } from '@holdfast/store'
import type { Settings } from '../settings.ts'
import type { KnownServer } from './known-servers.ts'

/** What is looked at. */
export interface Patient {
  settings: Settings
  store: StoreToRead
  /** Those whose end is not recorded. */
  servers: readonly KnownServer[]
  nowMs: number
  /** How long the servers let a sign-in idle. */
  idleMs: number
  /** Not every page: for a look every few minutes. */
  isQuick: boolean
}
