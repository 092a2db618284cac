import { seal } from '@holdfast/core'
import type { CodeRow } from '@holdfast/store'
import { addMail, addVerification } from '@holdfast/store/testing'
import { onTestFinished } from 'vitest'
import { Outbox, type OutboxOptions } from '../src/mail/outbox.ts'
import type { RunningApp } from './running-app.ts'

/** A mail that waits, asked for on the clock of now, of a code that is good for ten minutes. */
export async function leaveMail(
  app: RunningApp,
  email: string,
  changes: Partial<CodeRow> = {},
): Promise<string> {
  const { nowMs } = app.clock
  const ring = app.keys.current()
  const kid = ring.signingKid
  const expiresAtMs = nowMs + 600_000
  const verificationId = await addVerification(app.store, { nowMs, kid, email, expiresAtMs })
  const sealed = seal(ring, 'outbox', verificationId, '123456')
  const row = { askedAtMs: nowMs, expiresAtMs, sealed, ...changes }
  await addMail(app.store, { nowMs, kid, verificationId, email, ...row })
  return verificationId
}

/** Another outbox on the rows of the app, as another process has one. It is not started. */
export function openOutbox(app: RunningApp, options: Partial<OutboxOptions> = {}): Outbox {
  const outbox = new Outbox({
    instance: 'another',
    store: app.store,
    keyRing: app.keys.current,
    keyRingKnowing: app.keys.knowing,
    clock: () => app.clock.nowMs,
    logger: app.log.logger,
    transport: app.mails,
    appName: 'Holdfast',
    publicOrigin: app.publicOrigin,
    ...options,
  })
  onTestFinished(() => outbox.stop(0))
  return outbox
}
