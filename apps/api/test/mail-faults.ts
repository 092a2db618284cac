import type { HandOver } from '../src/mail/mail-transport.ts'
import type { SmtpAct, SmtpPeerOptions, SmtpScript, SmtpStep } from './smtp-peer.ts'
import { at } from './smtp-peer.ts'

/** What the mail server does at the first try, and what becomes of the mail. */
export interface MailFault {
  fault: string
  script?: SmtpScript
  peer?: Omit<SmtpPeerOptions, 'script'>
  /** Another address of the same server, or of none. */
  urlOf?: (url: string) => string
  /** Nothing comes any more: only the deadline ends it. */
  neverEnds?: boolean
  /** The server can only be reached later. */
  isGone?: boolean
  state: HandOver['delivery']
  /** How many copies the server has in the end, once it behaves. */
  copies: 0 | 1 | 2
}

const drip = { drip: '2', everyMs: 300 } as const
const withLogin = { takesLogins: true } as const
const asAda = (url: string) => url.replace('//', '//ada:secret@')
const withTls = (url: string) => `${url}/?requireTLS=true`
const nowhere = () => `smtp://${'a'.repeat(64)}.invalid:25`

/** A server that does not get as far as a mail, whatever its reply: not this mail's fault, tried again. */
function beforeMails(step: SmtpStep, more: Partial<MailFault> = {}): MailFault[] {
  const both = (act: SmtpAct): SmtpScript =>
    // Who does not know EHLO is asked with HELO.
    step === 'EHLO' ? (met) => (met === 'EHLO' || met === 'HELO' ? act : undefined) : at(step, act)
  const row = (fault: string, act: SmtpAct, neverEnds = false): MailFault => ({
    fault: `${step}: ${fault}`,
    script: both(act),
    neverEnds,
    state: 'delayed',
    copies: 1,
    ...more,
  })
  return [
    row('4xx', { reply: '450 4.3.2 not now' }),
    row('421', { reply: '421 4.3.2 too many connections' }),
    row('5xx', { reply: '554 5.7.1 not for you' }),
    row('5xx over several lines', { reply: '554-5.7.1 not\r\n554 5.7.1 for you' }),
    row('no sense', { reply: 'hello' }),
    row('hangs', 'hang', true),
    row('hangs up', 'hang up'),
    row('a byte every 300 ms', drip, true),
  ]
}

/** What is said to the mail itself is the last word about it, where it is a 5xx. */
function aboutMail(step: SmtpStep): MailFault[] {
  const row = (fault: string, act: SmtpAct, rest: Pick<MailFault, 'state' | 'copies' | 'neverEnds'>) => ({
    fault: `${step}: ${fault}`,
    script: at(step, act),
    ...rest,
  })
  // The whole mail is there: it may have been taken over.
  const isAfterDot = step === '.'
  const broken = isAfterDot
    ? ({ state: 'unknown', copies: 2 } as const)
    : ({ state: 'delayed', copies: 1 } as const)
  return [
    row('4xx', { reply: '451 4.7.1 greylisted' }, { state: 'delayed', copies: 1 }),
    row(
      '4xx over several lines',
      { reply: '451-4.7.1 grey\r\n451 4.7.1 listed' },
      { state: 'delayed', copies: 1 },
    ),
    row('421', { reply: '421 4.3.2 going away' }, { state: 'delayed', copies: 1 }),
    row('5xx', { reply: '550 5.1.1 no such user' }, { state: 'failed', copies: 0 }),
    row(
      '5xx over several lines',
      { reply: '550-5.1.1 no\r\n550 5.1.1 such user' },
      { state: 'failed', copies: 0 },
    ),
    row('503', { reply: '503 5.5.1 bad sequence' }, { state: 'delayed', copies: 1 }),
    row('530', { reply: '530 5.7.0 log in first' }, { state: 'delayed', copies: 1 }),
    row('hangs', 'hang', { ...broken, neverEnds: true }),
    row('hangs up', 'hang up', broken),
    row('a byte every 300 ms', drip, { ...broken, neverEnds: true }),
  ]
}

const ofMails = (['MAIL', 'RCPT', 'DATA', '.'] as const).flatMap((step) => aboutMail(step))

export const mailFaults: MailFault[] = [
  { fault: 'no connection: refused', isGone: true, state: 'delayed', copies: 1 },
  { fault: 'no connection: unknown name', urlOf: nowhere, state: 'delayed', copies: 0 },
  ...beforeMails('greeting'),
  { fault: 'greeting: 8 MB', script: at('greeting', { flood: 8 << 20 }), state: 'delayed', copies: 1 },
  ...beforeMails('EHLO'),
  {
    fault: 'EHLO: not known, but HELO',
    script: at('EHLO', { reply: '502 what?' }),
    state: 'sent',
    copies: 1,
  },
  { fault: 'STARTTLS: not offered, but required', urlOf: withTls, state: 'delayed', copies: 0 },
  ...beforeMails('AUTH', { peer: withLogin, urlOf: asAda }),
  {
    fault: 'AUTH: not offered',
    urlOf: asAda,
    script: at('MAIL', { reply: '530 5.7.0 log in first' }),
    state: 'delayed',
    copies: 1,
  },
  ...ofMails,
  // Most servers hear the commands of a mail in one go.
  ...ofMails.map((row) => ({ ...row, fault: `pipelined ${row.fault}`, peer: { pipelines: true } })),
  {
    fault: '.: 250 over several lines',
    script: at('.', { reply: '250-taken\r\n250 over' }),
    state: 'sent',
    copies: 1,
  },
]
