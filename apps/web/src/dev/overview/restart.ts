import type { DevState } from '@holdfast/page-data/dev'

/** What became of the session of this browser while the server was restarted. */
export interface Outcome {
  held: 'held' | 'lost' | 'nothing'
  text: string
}

export function isOtherProcess({ server: one }: DevState, { server: other }: DevState): boolean {
  return one.pid !== other.pid || one.startedAt !== other.startedAt
}

/** Holds the session after a restart against what it was before. */
export function judgeRestart({ session: before }: DevState, { session: after }: DevState): Outcome {
  const was = before.view
  const is = after.view
  if (was.state === 'anonymous') return { held: 'nothing', text: 'No session was under way.' }
  if (is.state === 'signed_in') {
    const isNew = was.state === 'signed_in' && was.signIn.id !== is.signIn.id
    return {
      held: isNew ? 'lost' : 'held',
      text: isNew ? 'You had signed in anew.' : `You were still signed in as ${is.account.email}.`,
    }
  }
  if (is.state === 'code_sent') {
    const { reference, email, attemptsLeft } = is.verification
    const isSame = was.state === 'code_sent' && was.verification.reference === reference
    return isSame
      ? { held: 'held', text: `The code for ${email} was still good, with ${triesOf(attemptsLeft)} left.` }
      : { held: 'lost', text: `There was another verification, ${reference}.` }
  }
  return { held: 'lost', text: `Nobody was signed in with it: ${after.reason ?? 'no reason is known'}.` }
}

/** What a restart at this moment has to leave as it is. */
export function whatHolds({ session: { view }, store }: DevState): string[] {
  const others = store.liveSignIns + store.pendingVerifications
  const all =
    others === 0
      ? []
      : [
          `In all: ${countOf(store.liveSignIns, 'sign-in')}, ${countOf(store.pendingVerifications, 'verification')}.`,
        ]
  switch (view.state) {
    case 'anonymous':
      return ['There is no session in this browser yet: ask for a code first, then restart.', ...all]
    case 'code_sent': {
      const { email, attemptsLeft, delivery } = view.verification
      const mail =
        delivery === 'sent'
          ? 'Its mail is handed over; no second one goes out.'
          : 'Its mail goes out afterwards.'
      return [
        `The code for ${email} signs in afterwards, also while the page is open.`,
        `Its tries stay as they are: ${triesOf(attemptsLeft)} left.`,
        mail,
        ...all,
      ]
    }
    case 'signed_in':
      return [
        `You stay signed in as ${view.account.email}, with the same cookie.`,
        'The key ring is read again, and the same key signs.',
        ...all,
      ]
  }
}

function triesOf(count: number): string {
  return count === 1 ? '1 try' : `${count} tries`
}

function countOf(count: number, thing: string): string {
  return `${count} live ${thing}${count === 1 ? '' : 's'}`
}
