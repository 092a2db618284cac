import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { canInject, type Installation, type RunningServer, type Visitor } from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { type CutAt, cutSteps, sendAndCut } from '../src/cut-connection.ts'
import { createInstallation } from '../src/installation.ts'
import { ambush } from '../src/killed-at-call.ts'
import { askForCode, problemOf, signedInView } from '../src/sign-in.ts'

/*
 * Between the arrival of a right code and the client's receipt of the answer, the server is killed at each system
 * call and the connection cut at each step. The client sends the same again and is signed in, always, to the one
 * sign-in; once it has signed out, the same is refused.
 */

const minute = 60_000
/** What reads the request, writes to the log of the store, syncs it, and writes the answer. */
const calls = ['read', 'pwrite64', 'fsync,fdatasync', 'write,writev'] as const
const noLimits = { LIMIT_SENDS_PER_IP_PER_HOUR: '0', LIMIT_SENDS_PER_HOUR: '0' }

/** Somebody with a code, and three times the same cookies: to send it, to send it again, and after signing out. */
interface Guesser {
  code: string
  first: Visitor
  again: Visitor
  late: Visitor
}

async function prepare(holdfast: Installation, server: RunningServer): Promise<Guesser> {
  const { visitor, code } = await askForCode(holdfast, server)
  return { code, first: visitor, again: await visitor.twin(), late: await visitor.twin() }
}

/** Sends the same again, comes back, and signs out: afterwards the same is refused. Gives the id of the sign-in. */
async function expectToHold({ again, late, code }: Guesser, server: RunningServer): Promise<string> {
  const view = signedInView(await again.at(server).verify({ code }))
  expect(signedInView(await again.at(server).session())).toEqual(view)
  expect(await again.at(server).logout()).toMatchObject({ ok: true })
  const refused = problemOf(await late.at(server).verify({ code }))
  expect(refused).toMatchObject({ code: 'verification_session_not_found', status: 409 })
  return view.signIn.id
}

/** Every sign-in is one that was answered, and the only one of its verification. */
function expectOneSignInEach(holdfast: Installation, answered: readonly string[]): void {
  const database = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { readOnly: true })
  try {
    const stored = database.prepare('SELECT id, verificationId FROM signIns ORDER BY id').all()
    expect(stored.map(({ id }) => id)).toEqual(answered.toSorted())
    expect(new Set(stored.map(({ verificationId }) => verificationId)).size).toBe(stored.length)
  } finally {
    database.close()
  }
}

/** Kills servers at one kind of call, the first, the second and so on, or each so many, until a verification passes unharmed. */
async function killAtEach(
  holdfast: Installation,
  call: string,
  next: (killed: RunningServer) => Promise<RunningServer>,
  stride = 1,
): Promise<number> {
  const answered: string[] = []
  let server = await holdfast.start()
  for (let count = 1; ; count += stride) {
    const guesser = await prepare(holdfast, server)
    const { leave } = await ambush(server, call, count)
    const answer = await guesser.first.at(server).verify({ code: guesser.code })
    const lives = await leave()
    if (!lives) server = await next(server)
    answered.push(await expectToHold(guesser, server))
    if (answer.ok) expect(signedInView(answer).signIn.id).toBe(answered.at(-1))
    else expect(answer.problem).toMatchObject({ code: 'unreachable', cause: 'network' })
    if (!lives) continue
    expect(answer).toMatchObject({ ok: true })
    expectOneSignInEach(holdfast, answered)
    return answered.length - 1
  }
}

describe.skipIf(!canInject)('a server killed at each call (skipped where strace cannot run)', () => {
  test(
    'between a right code and its answer costs nobody the sign-in: the server that comes next gives the same',
    async () => {
      const kills = await Promise.all(
        calls.map(async (call) => {
          const holdfast = await createInstallation(noLimits)
          return killAtEach(holdfast, call, () => holdfast.start())
        }),
      )
      process.stdout.write(`kills at ${calls.map((call, at) => `${call}: ${kills[at]}`).join('; ')}\n`)
      for (const count of kills) expect(count).toBeGreaterThan(0)
    },
    20 * minute,
  )

  test(
    'between a right code and its answer costs nobody the sign-in: another process that lives gives the same',
    async () => {
      const kills = await Promise.all(
        calls.map(async (call) => {
          const holdfast = await createInstallation(noLimits)
          let other = await holdfast.start()
          // The one that takes over is the next to be killed; meanwhile another one starts beside it.
          const takeOver = async () => {
            const living = other
            other = await holdfast.start()
            return living
          }
          return killAtEach(holdfast, call, takeOver, call === 'pwrite64' ? 4 : 1)
        }),
      )
      for (const count of kills) expect(count).toBeGreaterThan(0)
    },
    20 * minute,
  )
})

test.each(cutSteps)('a connection cut %s costs nobody the sign-in', async (_, cutAt: CutAt) => {
  const holdfast = await createInstallation(noLimits)
  const server = await holdfast.start()
  const guesser = await prepare(holdfast, server)
  await sendAndCut(server, { token: await guesser.first.token(server), code: guesser.code }, cutAt)
  const id = await expectToHold(guesser, server)
  expectOneSignInEach(holdfast, [id])
})
