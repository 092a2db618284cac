import type { KeySource } from '@holdfast/core'
import type { StoreToRead } from '@holdfast/store'
import type { Settings } from '../settings.ts'

/** What is looked at. */
export interface Patient {
  settings: Settings
  store: StoreToRead
  source: KeySource
  nowMs: number
  /** How long the servers let a sign-in idle. */
  idleMs: number
  /** Not every page: for a look every few minutes. */
  isQuick: boolean
}
