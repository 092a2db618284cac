import type { ColumnName, RowName } from './matrix-names.ts'
import type { Person } from './person.ts'
import { codeSent } from './rows/code-sent.ts'
import { mailQueued } from './rows/mail-queued.ts'
import { rightCode } from './rows/right-code.ts'
import { rotation } from './rows/rotation.ts'
import { signedIn } from './rows/signed-in.ts'
import { signedOut } from './rows/signed-out.ts'
import { triesSpent } from './rows/tries-spent.ts'
import type { Site } from './site.ts'

/** One person's way through a round, in four steps that everybody in the round takes together. */
export interface Journey {
  /** Up to what is to be under way. */
  reach(): Promise<void>
  /** What must be begun a moment before the fault only. */
  brink?(): Promise<void>
  /** What is done while the fault strikes. */
  underFault(): Promise<void>
  /** To the end, once the fault is over. Throws `LostPersonError` where it does not come to that. */
  finish(): Promise<void>
}

export interface JourneyOptions {
  site: Site
  person: Person
  column: ColumnName
  variation: number
  /** Whether the fault is over. */
  isOver: () => boolean
}

export const journeys: Record<RowName, (options: JourneyOptions) => Journey> = {
  'code-sent': codeSent,
  'mail-queued': mailQueued,
  'tries-spent': triesSpent,
  'right-code': rightCode,
  'signed-in': signedIn,
  'signed-out': signedOut,
  rotation,
}
