import type { Messages, PlainKey } from '@holdfast/messages'
import type { Step } from './step.ts'

const titles = {
  loading: 'title.signIn',
  unreachable: 'waiting.heading',
  fault: 'fault.heading',
  address: 'title.signIn',
  code: 'title.code',
  mail_failed: 'mailFailed.heading',
  expired: 'expired.heading',
  exhausted: 'exhausted.heading',
  signed_in: 'signedIn.heading',
} as const satisfies Record<Step, PlainKey>

/** The title of the browser tab: the step first, so that a narrow tab still shows it. */
export function titleOf(step: Step, appName: string, messages: Messages): string {
  return `${messages.say(titles[step])} \u00b7 ${appName}`
}
