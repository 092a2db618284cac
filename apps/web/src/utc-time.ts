import { type Language, localeOf } from '@holdfast/messages'

/** A time of day for somebody of whom the server does not know where they are. */
export function formatUtcTime(isoTime: string, language: Language): string {
  const format = new Intl.DateTimeFormat(localeOf(language), {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZone: 'UTC',
    timeZoneName: 'short',
  })
  return format.format(new Date(isoTime))
}
