/** Where the mail of a code is; `unknown` may have arrived. */
export type Delivery = 'queued' | 'sent' | 'delayed' | 'failed' | 'unknown'

/** What saying where a mail is needs of its code's record. Times in milliseconds since the epoch. */
export interface MailRecord {
  /** As of its last try. */
  delivery: Delivery
  /** The code, for as long as the mail may still be tried. */
  sealed: string | null
  expiresAtMs: number
  askedAtMs: number | null
}

/** Whoever waits for a mail longer than this is told so: where all is well it takes a moment. */
const soonMs = 10_000

/** Where the mail of a code is at `nowMs`. */
export function deliveryAt(
  { delivery, sealed, expiresAtMs, askedAtMs }: MailRecord,
  nowMs: number,
): Delivery {
  if (sealed === null || delivery === 'unknown') return delivery
  // It was not handed over, and it will not be any more.
  if (expiresAtMs <= nowMs) return 'failed'
  return nowMs - (askedAtMs ?? nowMs) > soonMs ? 'delayed' : delivery
}
