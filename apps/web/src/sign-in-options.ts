import type { Client } from '@holdfast/client'
import type { PageData } from '@holdfast/page-data'
import type { DraftMemory } from './draft.ts'
import type { ServerClock } from './server-clock.ts'
import type { WayBack } from './way-back.ts'

/** What the page begins with, as the server made it. */
export type SignInStart = Pick<
  PageData,
  'view' | 'rejected' | 'problem' | 'news' | 'email' | 'hasJustSignedIn' | 'unsent'
> & {
  nowMs: number
}

export interface SignInOptions {
  /** Goes on until each call is answered. */
  client: Client
  /** Ends the waits of the client; tells whether there were any. */
  tryNow: () => boolean
  clock: ServerClock
  wayBack: WayBack
  draft: DraftMemory
  tellOtherTabs: () => void
  /** Without one, the page asks for it. */
  start?: SignInStart
}
