import { directionOf, type Language, localeOf, type Messages } from '@holdfast/messages'
import type { MailColors } from './mail-colors.ts'

/** What a template can fill in: the facts of one code, and the words for them in one language. */
export interface CodeWords extends MailColors {
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
  colors: MailColors
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
  const formats = formatsOf(language)
  // In UTC: the mail does not know where it is read.
  const askedAt = formats.time.format(facts.askedAt)
  const expiresAt = formats.time.format(facts.expiresAt)
  const duration = durationText(formats, facts.expiresAt.getTime() - facts.askedAt.getTime())
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
    ...facts.colors,
  }
}

interface Formats {
  time: Intl.DateTimeFormat
  seconds: Intl.NumberFormat
  minutes: Intl.NumberFormat
}

/** Made once for each language: making them takes longer than all the rest of a mail. */
const formatsByLanguage = new Map<Language, Formats>()

function formatsOf(language: Language): Formats {
  const locale = localeOf(language)
  const formats = formatsByLanguage.get(language) ?? {
    time: new Intl.DateTimeFormat(locale, {
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: 'UTC',
      timeZoneName: 'short',
    }),
    seconds: new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'long' }),
    minutes: new Intl.NumberFormat(locale, { style: 'unit', unit: 'minute', unitDisplay: 'long' }),
  }
  formatsByLanguage.set(language, formats)
  return formats
}

/** Whole minutes, or seconds where they say more. Never more than there are. */
function durationText({ seconds, minutes }: Formats, milliseconds: number): string {
  const amount = Math.max(0, Math.floor(milliseconds / 1000))
  return amount < 120 ? seconds.format(amount) : minutes.format(Math.floor(amount / 60))
}
