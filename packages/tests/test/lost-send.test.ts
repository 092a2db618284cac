import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createClient } from '@holdfast/client'
import { canInject, createProxiedFetch, type Installation, type RunningServer } from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { ambush } from '../src/killed-at-call.ts'
import { signedInView } from '../src/sign-in.ts'

/*
 * Between the arrival of somebody's first request for a code and the receipt of its answer, the server is killed at
 * each read, sync and write to the line, and at every fourth write to the store. The client repeats the request by itself: one code is mailed, and it signs in.
 */

const minute = 60_000
/** What reads the request, writes to the log of the store, syncs it, and writes the answer. */
const calls = ['read', 'pwrite64', 'fsync,fdatasync', 'write,writev'] as const
const noLimits = { LIMIT_SENDS_PER_IP_PER_HOUR: '0', LIMIT_SENDS_PER_HOUR: '0' }

/** How many codes were made for an address, and by how many verifications. */
function countsOf(holdfast: Installation, email: string) {
  const database = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { readOnly: true })
  try {
    return database
      .prepare(
        'SELECT count(*) codes, count(DISTINCT verificationId) verifications FROM codes WHERE email = ?',
      )
      .get(email)
  } finally {
    database.close()
  }
}

/** Kills the server at one kind of call, the first, the second and so on, or each so many, until a request passes unharmed. */
async function killAtEach(call: string): Promise<number> {
  const stride = call === 'pwrite64' ? 4 : 1
  let kills = 0
  const holdfast = await createInstallation(noLimits)
  let server: RunningServer = await holdfast.start()
  for (let count = 1; ; count += stride) {
    const email = `asking-${count}@example.com`
    const struck = server
    const { leave } = await ambush(server, call, count)
    const client = createClient({
      baseUrl: server.origin,
      transport: 'bearer',
      timeoutInMs: 2 * minute,
      totalTimeoutInMs: 2 * minute,
      fetch: (input, init) => createProxiedFetch(server.port)(input, init),
      async wait() {
        await struck.process.exited
        server = await holdfast.start()
      },
    })
    const answer = await client.send({ email })
    const lives = await leave()
    if (!lives && server === struck) server = await holdfast.start()
    expect(answer, `${call} number ${count}`).toMatchObject({ ok: true, view: { state: 'code_sent' } })
    const { code } = await holdfast.mailServer.nextMail(email)
    expect(signedInView(await client.verify({ code })).account).toMatchObject({ email })

    expect(countsOf(holdfast, email)).toEqual({ codes: 1, verifications: 1 })
    const ids = holdfast.mailServer.mailsTo(email).map(({ messageId }) => messageId)
    expect(new Set(ids).size).toBe(1)
    if (server === struck) return kills
    kills += 1
  }
}

describe.skipIf(!canInject)('a server killed at its calls (skipped where strace cannot run)', () => {
  test(
    "between somebody's first request for a code and its answer mails one code, which signs in",
    async () => {
      const kills = await Promise.all(calls.map(killAtEach))
      process.stdout.write(`kills at ${calls.map((call, at) => `${call}: ${kills[at]}`).join('; ')}\n`)
      for (const count of kills) expect(count).toBeGreaterThan(0)
    },
    20 * minute,
  )
})
