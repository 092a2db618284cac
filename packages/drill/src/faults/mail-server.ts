import { setTimeout } from 'node:timers/promises'
import type { MailFault } from '../smtp-sink.ts'
import type { Fault } from './fault.ts'

/** The mail server is gone: connections are refused. */
export const mailRefused: Fault = async (site, { holdMs }) => {
  const { mailServer } = site.installation
  await mailServer.disappear()
  await setTimeout(holdMs)
  await mailServer.open()
}

/** It answers 451 to recipients and to mails. */
export const mailDeferred = misbehaving('deferred')
/** It reads mails and does not reply. */
export const mailHung = misbehaving('hung')
/** It reads a mail to its final dot and breaks the line. */
export const mailCut = misbehaving('cut')

function misbehaving(fault: MailFault): Fault {
  return async (site, { holdMs }) => {
    const behave = site.installation.mailServer.misbehave(fault)
    await setTimeout(holdMs)
    behave()
  }
}
