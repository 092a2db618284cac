import type en from '../languages/en.json'

export type MessageKey = keyof typeof en

/**
 * What a message needs filled in, and which part of it is strong. Written down for the types alone: a test holds it
 * to the English messages, and these to all others.
 */
const duration = { time: 'text', duration: 'text' } as const
const address = { email: 'text', b: 'strong' } as const
const app = { appName: 'text' } as const

export const placeholders = {
  sentences: { first: 'text', second: 'text' },
  'address.heading': app,
  'code.triesLeft': { count: 'number' },
  'code.resendIn': { time: 'text', b: 'strong' },
  'code.resendWait': { wait: 'text' },
  'code.resendFrom': { time: 'text' },
  'code.reference': { reference: 'text', b: 'strong' },
  'delivery.sending': address,
  'delivery.sent': address,
  'delivery.failed': address,
  'exhausted.lead': address,
  'expired.lead': address,
  'expired.leadLast': address,
  'expired.unsentLead': address,
  'signedIn.since': { time: 'text' },
  'problem.tryAgain': { wait: 'text' },
  'problem.supportId': { id: 'text' },
  'mail.subject': app,
  'mail.heading': app,
  'mail.digits': { digits: 'text' },
  'mail.validity': duration,
  'mail.asked': { time: 'text' },
  'mail.askedOneOf': { number: 'text', total: 'text', time: 'text' },
  'mail.onlyAt': { origin: 'text', appName: 'text' },
} as const satisfies Partial<Record<MessageKey, Record<string, 'text' | 'number' | 'strong'>>>

type Placeholders = typeof placeholders
type NamesOf<Key> = Key extends keyof Placeholders ? Placeholders[Key] : Record<never, never>

/** Messages with a strong part in them. */
export type RichKey = {
  [Key in keyof Placeholders]: Placeholders[Key] extends { b: 'strong' } ? Key : never
}[keyof Placeholders]

export type PlainKey = Exclude<MessageKey, RichKey>

type ValuesOf<Names> = {
  [Name in keyof Names as Names[Name] extends 'strong' ? never : Name]: Names[Name] extends 'number'
    ? number
    : string
}

/** The values that a message needs: no argument at all where it needs none. */
export type ValuesFor<Key extends MessageKey> = Key extends keyof Placeholders
  ? [values: ValuesOf<NamesOf<Key>>]
  : []
