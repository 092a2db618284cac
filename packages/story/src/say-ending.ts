import type { Reason } from '@holdfast/core'
import type { Entry } from './entry.ts'
import { tellReason } from './tell-reason.ts'

/** How a sign-in ended that did not end by time, to the person. */
export function sayEnding(reason: Reason, ending: Entry | undefined): string {
  switch (reason) {
    case 'signed_out':
      if (ending?.detail.replacedBy !== undefined) return 'then you signed in anew in the same browser.'
      return ending?.detail.everywhere === true
        ? 'then you signed out everywhere, from another browser.'
        : 'then you signed out.'
    case 'ended_by_user':
      return 'then you ended it from another browser.'
    case 'ended_by_operator':
      return 'then the operator ended it.'
    default:
      return `then the operator ended it, because ${tellReason(reason, ending?.kid ?? null)}.`
  }
}
