import { mailDeadlineMs, smtpOptionsFor } from '@holdfast/settings'
import type { Report } from '../report.ts'
import { wrapBehind } from '../wrapped-text.ts'
import { type Diagnosis, diagnose } from './diagnosis.ts'
import type { MailSettings } from './mail-settings.ts'
import { runSmtpSession, type SmtpSession } from './smtp-session.ts'
import type { SmtpStep } from './smtp-transcript.ts'
import { type TestMail, writeTestMail } from './test-mail.ts'

/** Sends a message with the settings of the server, and tells each step and, where it was not taken, why. */
export async function testMailServer(settings: MailSettings, to: string): Promise<Report> {
  const mail = await writeTestMail({ ...settings, to, nowMs: Date.now() })
  const session = await runSmtpSession({
    smtp: smtpOptionsFor(settings.smtpUrl),
    mail,
    deadlineMs: mailDeadlineMs,
    clock: () => performance.now(),
  })
  const fault = session.error && diagnosisOf(session, settings, to)
  return {
    text: [
      sayTask(session, settings, to),
      ...session.transcript.steps.map(sayStep),
      '',
      sayEnd(fault, mail),
    ].join('\n'),
    data: dataOf(session, { mail, settings, to, fault }),
    exitCode: fault === undefined ? 0 : 1,
  }
}

function diagnosisOf(session: SmtpSession, { from }: MailSettings, to: string): Diagnosis | undefined {
  const { error, failedStep: step, user, ...rest } = session
  if (error === undefined) return undefined
  return diagnose({
    ...rest,
    error,
    step,
    from,
    to,
    hasLogin: user !== undefined,
    deadlineMs: mailDeadlineMs,
  })
}

function sayTask(
  { host, port, isSecure, user }: SmtpSession,
  { from, dkim }: MailSettings,
  to: string,
): string {
  const sentences = [
    `A test message to ${to}, from ${from}`,
    `over ${host}, port ${port}${isSecure ? ' (TLS from the start)' : ''}`,
    user === undefined ? 'without a login' : `as user ${user}`,
    dkim === undefined ? 'not signed by Holdfast' : `signed for ${dkim.domainName} (DKIM)`,
  ]
  return `${wrapBehind(0, `${sentences.join(', ')}:`)}\n`
}

function sayStep({ name, ms, says }: SmtpStep): string {
  return `  ${name.padEnd(14)}${Math.round(ms ?? 0)
    .toString()
    .padStart(6)} ms  ${wrapBehind(27, says)}`
}

function sayEnd(fault: Diagnosis | undefined, { messageId }: TestMail): string {
  if (fault !== undefined)
    return `${wrapBehind(0, `Not accepted: ${fault.says}.`)}\n${wrapBehind(0, `To do: ${fault.remedy}.`)}`
  return wrapBehind(
    0,
    `Accepted: the mail server took the message over (Message-ID ${messageId}). Whether it reaches the inbox is decided behind it: look there, and among spam.`,
  )
}

function dataOf(
  { transcript, host, port, user }: SmtpSession,
  {
    mail,
    settings,
    to,
    fault,
  }: { mail: TestMail; settings: MailSettings; to: string; fault: Diagnosis | undefined },
): object {
  return {
    accepted: fault === undefined,
    host,
    port,
    user: user ?? null,
    from: settings.from,
    to,
    dkim: settings.dkim?.domainName ?? null,
    messageId: mail.messageId,
    steps: transcript.steps.map(({ name, ms, says, replyCode }) => ({
      step: name,
      ms: Math.round(ms ?? 0),
      replyCode: replyCode ?? null,
      says,
    })),
    ...(fault === undefined ? {} : { fault }),
  }
}
