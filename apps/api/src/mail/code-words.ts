import { directionOf, type Language, localeOf, type Messages } from '@holdfast/messages'

/** What a template can fill in: the facts of one code, and the words for them in one language. */
export interface CodeWords {
  language: string
  direction: string
  appName: string
  origin: string
  code: string
  /** The code with its digits apart, for a voice that would read it as one number. */
  digits: string
  number: string
  total: string
  askedAt: string
  expiresAt: string
  duration: string
  subject: string
  heading: string
  validity: string
  asked: string
  onlyAt: string
  ignore: string
}

export interface CodeFacts {
  appName: string
  publicOrigin: URL
  code: string
  /** 1 for the first code of a verification. */
  number: number
  /** How many were asked for so far. */
  total: number
  askedAt: Date
  expiresAt: Date
}

export function wordsFor(messages: Messages, facts: CodeFacts): CodeWords {
  const { language } = messages
  const { appName, code, number, total } = facts
  const { origin } = facts.publicOrigin
  const askedAt = timeText(language, facts.askedAt)
  const expiresAt = timeText(language, facts.expiresAt)
  const duration = durationText(language, facts.expiresAt.getTime() - facts.askedAt.getTime())
  const order = { number: String(number), total: String(total) }
  return {
    language,
    direction: directionOf(language),
    appName,
    origin,
    code,
    ...order,
    askedAt,
    expiresAt,
    duration,
    subject: messages.say('mail.subject', { appName }),
    heading: messages.say('mail.heading', { appName }),
    digits: messages.say('mail.digits', { digits: [...code].join(' ') }),
    validity: messages.say('mail.validity', { time: expiresAt, duration }),
    asked:
      total > 1
        ? messages.say('mail.askedOneOf', { ...order, time: askedAt })
        : messages.say('mail.asked', { time: askedAt }),
    onlyAt: messages.say('mail.onlyAt', { origin, appName }),
    ignore: messages.say('mail.ignore'),
  }
}

/** `10:42 UTC`: the mail does not know where it is read. */
function timeText(language: Language, time: Date): string {
  return new Intl.DateTimeFormat(localeOf(language), {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(time)
}

/** Whole minutes, or seconds where they say more. Never more than there are. */
function durationText(language: Language, milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const [amount, unit] = seconds < 120 ? [seconds, 'second'] : [Math.floor(seconds / 60), 'minute']
  const style = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(localeOf(language), style).format(amount)
}
