import { maskEmailAddress } from '@holdfast/core'
import type { Entry } from './entry.ts'
import type { Story } from './read-story.ts'
import { tellReason } from './tell-reason.ts'
import { isoTime } from './time-text.ts'

/** A row of the ledger in the words of an operator. One that this version does not know is told by its name. */
export function tellEvent(entry: Entry, story: Story): string {
  const { event, kid, detail } = entry
  switch (event) {
    case 'code_asked':
      return `asked for a code${aboutAddress(story, entry)}, key ${kid}; mail queued`
    case 'code_asked_again':
      return `asked for another code, number ${detail.number ?? '?'}; mail queued`
    case 'code_handed_over':
      return `the mail server took over ${mailOf(entry)}: ${replyOf(entry)}`
    case 'code_delayed':
      return detail.delivery === 'unknown'
        ? `${mailOf(entry)} may have been taken over or not, and will be tried again: ${replyOf(entry)}`
        : `${mailOf(entry)} was not handed over and will be tried again: ${replyOf(entry)}`
    case 'code_interrupted':
      return `${mailOf(entry)} may have been taken over or not: server ${detail.instance} ended, or stood still, while it handed it over; it will be tried again`
    case 'code_expired_unsent':
      return `code ${detail.number} expired before its mail was handed over (attempts: ${detail.tries})`
    case 'code_not_deliverable':
      return tellUndeliverable(entry)
    case 'guess_wrong':
      return detail.try === undefined
        ? 'a wrong code was entered'
        : `a wrong code was entered: try ${detail.try} of ${detail.of}`
    case 'verification_cancelled':
      return tellCancelled(entry, story)
    case 'signed_in':
      return `signed in (${entry.signInId})${kid === null ? '' : `, key ${kid}`}`
    case 'sign_in_repeated':
      return 'the right code came again, as after an answer that was lost: the same sign-in was answered'
    case 'signed_out':
      return tellSignedOut(entry)
    case 'sign_in_ended':
      return `ended: ${tellReason(entry.reason, kid)}`
    case 'rejected':
      return tellRejected(entry)
    default:
      return tellSurrounding(entry)
  }
}

/** What happened to servers, keys and store. */
function tellSurrounding({ event, kid, detail, reason }: Entry): string {
  const server = `server ${detail.instance ?? ''}`.trim()
  switch (event) {
    case 'server_started':
      return `${server} started${detail.version === undefined ? '' : `, version ${detail.version}`}, key ${kid} signs`
    case 'server_stopped':
      return `${server} stopped in order`
    case 'server_crashed':
      return `${server} was found to have ended without a stop (killed, or a power cut), last noted alive at ${isoTime(Number(detail.lastAliveAtMs))} (a server notes it every 10 s)`
    case 'store_copied':
      return `the store was found to be a copy made while ${server} ran, perhaps a restored backup`
    case 'key_ring_created':
      return `a new key ring was made, key ${kid} signs`
    case 'key_ring_replaced':
      return `another key ring was put in place, key ${kid} signs`
    case 'key_ring_reloaded':
      return `a server loaded the changed key ring, key ${kid} signs`
    case 'key_ring_reload_refused':
      return 'a changed key ring was refused, the last good one kept'
    case 'key_staged':
      return `key ${kid} was staged, to sign soon`
    case 'key_signs':
      return `key ${kid} signs from here on`
    case 'key_added':
      return `key ${kid} was imported`
    case 'key_retired':
      return `key ${kid} was retired by an operator`
    case 'key_revoked':
      return `key ${kid} was revoked by an operator`
    default:
      return `${event.replaceAll('_', ' ')}${reason === null ? '' : `: ${tellReason(reason, kid)}`}`
  }
}

function aboutAddress({ verification, signIn }: Story, { detail }: Entry): string {
  const email = verification?.email ?? signIn?.email
  const type = verification?.type ?? detail.type
  const whose = email === undefined ? '' : ` for ${maskEmailAddress(email)}`
  return type === undefined ? whose : `${whose} (${type})`
}

function mailOf({ detail: { number, tries } }: Entry): string {
  if (number === undefined) return 'the mail'
  return `the mail of code ${number}${Number(tries) > 1 ? ` at attempt ${tries}` : ''}`
}

function replyOf({ detail: { reply, ms } }: Entry): string {
  if (reply === undefined) return 'its reply was not recorded'
  return `${shown(String(reply))} (${ms} ms)`
}

function tellUndeliverable(entry: Entry): string {
  if (entry.reason !== null) return `the mail of a code was given up: ${tellReason(entry.reason, entry.kid)}`
  return entry.detail.delivery === 'unknown'
    ? `${mailOf(entry)} may have been taken over or not: ${replyOf(entry)}`
    : `${mailOf(entry)} was refused for good: ${replyOf(entry)}`
}

function tellCancelled({ reason, kid }: Entry, { replacedBy }: Story): string {
  if (replacedBy !== undefined) return `gave way to a newer one in the same browser, ${replacedBy}`
  return reason === null || reason === 'verification_cancelled'
    ? 'cancelled by the person ("use another address", or a sign-out)'
    : `cancelled: ${tellReason(reason, kid)}`
}

function tellSignedOut({ detail }: Entry): string {
  if (detail.replacedBy !== undefined) {
    return `gave way to a newer sign-in in the same browser (${detail.replacedBy})`
  }
  return detail.everywhere === true
    ? 'signed out by the person from another browser, everywhere'
    : 'signed out by the person'
}

/** Looking whether one is signed in is allowed to everybody: there nothing was refused. */
function tellRejected({ reason, kid, detail: { code } }: Entry): string {
  const told = tellReason(reason, kid)
  return code === 'anonymous' ? `came back and was not signed in: ${told}` : `was refused (${code}): ${told}`
}

/** What a mail server said is shown as text, whatever is in it. */
function shown(text: string): string {
  return text.replace(/\p{C}/gu, ' ').trim()
}
