import type { SessionView } from '@holdfast/client/views'

/** What `GET /dev/pulse` answers: as long as `entry` and `mail` stay, nothing has happened. */
export interface Pulse {
  server: { pid: number; startedAt: string }
  entry: number
  mail: string
}

export interface StoryEvent {
  at: string
  event: string
  reason: string | null
  kid: string | null
  text: string
}

/** What `holdfast why` tells. */
export interface Story {
  reference: string | null
  type: string | null
  email: string | null
  state: 'waiting' | 'signed_in' | 'over'
  reason: string | null
  sentence: string
  events: StoryEvent[]
}

export interface KeyView {
  kid: string
  state: 'staged' | 'active' | 'retired' | 'revoked'
  signs: boolean
  createdAt: string | null
  signsFrom: string
  signsUntil: string | null
  verifiesUntil: string | null
  neededBy: { signIns: number; verifications: number; mails: number }
}

/** What `GET /dev/state` answers. Times are ISO 8601, UTC. */
export interface DevState {
  server: { instance: string | null; version: string; pid: number; startedAt: string; now: string }
  session: {
    presented: { transport: string; kid: string } | null
    holds: boolean
    reason: string | null
    view: SessionView
  }
  story: Story | null
  keyRing: { ringId: string; epoch: number; keys: KeyView[] }
  store: { generation: string; pendingVerifications: number; liveSignIns: number }
}

/** A mail of `GET /dev/mailbox`; its HTML is a page of its own. */
export interface DevMail {
  id: string
  to: string
  subject: string
  text: string
  code: string | null
  at: string
}
