import { type KeyRingRecord, resolveKeys, settleStates } from '@holdfast/core'
import type { DevState } from '@holdfast/page-data/dev'
import { type KeyUse, readKeyNeeds, readRunningServers } from '@holdfast/store'
import type { SessionState } from '../../sign-in/session-state.ts'
import type { SignInContext } from '../../sign-in/sign-in-context.ts'
import type { HttpContext } from '../http-context.ts'
import { readOwnState } from '../own-state.ts'
import type { RouteOptions } from '../routes/route-options.ts'
import { describeSession, describeStore, findPresented } from './describe-session.ts'

/** The process that answers. */
export interface DevServer {
  version: string
  startedAtMs: number
}

/**
 * `GET /dev/state`: the server, the session of this browser, its story or that of `?reference=`, and the key
 * ring. No secret, no code, no session id in it.
 */
export function devState({ signIn, keys }: RouteOptions, server: DevServer) {
  return async function handleDevState(ctx: HttpContext): Promise<void> {
    const { reference } = ctx.query
    const nowMs = signIn.clock()
    const state = await readOwnState(ctx, signIn)
    const asked = typeof reference === 'string' ? reference : ''
    const { uses } = await readKeyNeeds(signIn.store, { nowMs, idleMs: signIn.policy.idleMs })
    ctx.set('Cache-Control', 'no-store')
    ctx.body = {
      server: await describeServer(signIn, server),
      session: describeSession(ctx, state),
      story: await tell(signIn, asked || (await nameOf(ctx, signIn, state))),
      keyRing: describeKeyRing(keys.record, uses, nowMs),
      store: await describeStore(signIn),
    } satisfies DevState
  }
}

async function describeServer({ store, clock }: SignInContext, { version, startedAtMs }: DevServer) {
  const running = await readRunningServers(store)
  const own = running.findLast(({ pid }) => pid === process.pid)
  return {
    instance: own?.instance ?? null,
    version,
    pid: process.pid,
    startedAt: toIso(startedAtMs),
    now: toIso(clock()),
  }
}

/** By what the story of the session is found: its sign-in, also one that has ended, or else its verification. */
async function nameOf(
  ctx: HttpContext,
  context: SignInContext,
  state: SessionState,
): Promise<string | undefined> {
  if (state.state === 'code_sent') return state.verification.reference
  return state.signIn?.id ?? (await findPresented(ctx, context))?.reference
}

/** Loaded only where it is asked for: the start is faster without it. */
async function tell({ store, clock, policy }: SignInContext, name: string | undefined) {
  if (name === undefined) return null
  const { describeStory, readStory, tellStory } = await import('@holdfast/story')
  const nowMs = clock()
  const story = await readStory(store, name, nowMs)
  return story === undefined ? null : describeStory(tellStory(story, { nowMs, idleMs: policy.idleMs }))
}

function describeKeyRing(record: KeyRingRecord, uses: readonly KeyUse[], nowMs: number) {
  const settled = settleStates(record, nowMs)
  const { signer } = resolveKeys(settled, nowMs)
  return {
    ringId: record.ringId,
    epoch: record.epoch,
    keys: settled.keys.map((key) => {
      const use = uses.find(({ kid }) => kid === key.kid)
      return {
        kid: key.kid,
        state: key.state,
        signs: key === signer,
        createdAt: toIso(key.createdAtMs),
        signsFrom: toIso(key.signsFromMs),
        signsUntil: toIso(key.signsUntilMs),
        verifiesUntil: toIso(key.verifiesUntilMs),
        neededBy: {
          signIns: use?.signIns ?? 0,
          verifications: use?.verifications ?? 0,
          mails: use?.mails ?? 0,
        },
      }
    }),
  }
}

function toIso(timeMs: number): string
function toIso(timeMs: number | null): string | null
function toIso(timeMs: number | null): string | null {
  return timeMs === null ? null : new Date(timeMs).toISOString()
}
