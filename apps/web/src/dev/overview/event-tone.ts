export type Tone = 'step' | 'good' | 'warning' | 'bad' | 'server' | 'key'

const tones: Record<string, Tone> = {
  signed_in: 'good',
  sign_in_repeated: 'good',
  guess_wrong: 'warning',
  code_delayed: 'warning',
  code_interrupted: 'warning',
  code_expired_unsent: 'bad',
  store_copied: 'bad',
  code_not_deliverable: 'bad',
  rejected: 'bad',
  sign_in_ended: 'bad',
  verification_expired: 'bad',
  idle_timeout: 'bad',
  session_expired: 'bad',
}

/** How an event of the ledger is drawn. One that this version does not know is a step like others. */
export function toneOf(event: string): Tone {
  if (event.startsWith('server_')) return 'server'
  if (event.startsWith('key_')) return 'key'
  return tones[event] ?? 'step'
}
