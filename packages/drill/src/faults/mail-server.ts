import type { MailFault } from '../smtp-sink.ts'
import type { Fault } from './fault.ts'

/** The mail server is gone: connections are refused. */
export const mailRefused: Fault = async (site) => {
  const { mailServer } = site.installation
  await mailServer.disappear()
  return () => mailServer.open()
}

/** It answers 451 to recipients and to mails. */
export const mailDeferred = misbehaving('deferred')
/** It reads mails and does not reply. */
export const mailHung = misbehaving('hung')
/** It reads a mail to its final dot and breaks the line. */
export const mailCut = misbehaving('cut')

function misbehaving(fault: MailFault): Fault {
  return async (site) => {
    const behave = site.installation.mailServer.misbehave(fault)
    return async () => behave()
  }
}
