import type { Step } from './step.ts'

const titles: Record<Step, string> = {
  loading: 'Sign in',
  unreachable: 'Waiting for the service',
  address: 'Sign in',
  code: 'Enter your code',
  expired: 'Code expired',
  spent: 'No tries left',
  signed_in: 'Signed in',
}

/** The title of the browser tab: the step first, so that a narrow tab still shows it. */
export function titleOf(step: Step, appName: string): string {
  return `${titles[step]} \u00b7 ${appName}`
}
