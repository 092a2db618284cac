import { addSignIn, dumpStore, readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { hourMs } from './rings.ts'

const kid = 'kkkkkkkk'

/** One sign-in of two hours ago, one of now, and one that has ended. */
async function fill(holdfast: Installation) {
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const older = await addSignIn(store, {
    nowMs,
    kid,
    authTimeMs: nowMs - 2 * hourMs,
    lastSeenAtMs: nowMs - 1_000,
  })
  const newer = await addSignIn(store, { nowMs, kid })
  await addSignIn(store, { nowMs, kid, endedAtMs: nowMs, endReason: 'signed_out' })
  return { nowMs, older, newer }
}

const endedIds = ({ storePath }: Installation) =>
  readStore(storePath, "SELECT id FROM signIns WHERE endReason = 'ended_by_operator' ORDER BY id").map(
    ({ id }) => id,
  )

test('sessions list shows the live sign-ins with masked addresses, in at most 100 columns', async () => {
  const holdfast = await createInstallation()
  const { older, newer } = await fill(holdfast)

  const { exitCode, stdout } = await holdfast.holdfast('sessions list')

  expect(exitCode).toBe(0)
  const lines = stdout.split('\n')
  expect(lines.slice(0, 3)).toEqual([
    'Live sign-ins: 2 (times are UTC)',
    '',
    expect.stringMatching(/^sign-in +address +signed in +last seen +expires$/),
  ])
  expect(lines[3]).toMatch(new RegExp(`^${newer} +.•••@example\\.com`))
  expect(lines[4]).toMatch(new RegExp(`^${older} `))
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
})

test('sessions list --json has the same for machines, of one address or one account', async () => {
  const holdfast = await createInstallation()
  const { older, nowMs } = await fill(holdfast)

  // An id is also the local part of its address here, which is kept in lower case by a server.
  const byAccount = await holdfast.holdfast(`sessions list --account ${older} --json`)
  const byAddress = await holdfast.holdfast('sessions list --email Nobody@Example.COM --json')
  const limited = await holdfast.holdfast('sessions list --limit 1')

  expect(byAccount.json).toEqual({
    ok: true,
    count: 1,
    sessions: [
      {
        id: older,
        email: `${older.slice(0, 1)}•••@example.com`,
        accountId: older,
        authTime: seconds(nowMs - 2 * hourMs),
        lastSeenAt: seconds(nowMs - 1_000),
        idleAt: seconds(nowMs - 1_000 + 7 * 24 * hourMs),
        expiresAt: seconds(nowMs + hourMs),
      },
    ],
  })
  expect(byAddress.json).toEqual({ ok: true, count: 0, sessions: [] })
  expect(limited.stdout).toContain('... and 1 more (--limit)')
})

test('sessions end ends one sign-in for good, and no other', async () => {
  const holdfast = await createInstallation()
  const { older } = await fill(holdfast)

  const first = await holdfast.holdfast(`sessions end -- ${older}`)
  const second = await holdfast.holdfast(`sessions end --json -- ${older}`)

  expect(first).toMatchObject({
    exitCode: 0,
    stdout: 'Ended 1 sign-in: whoever holds one has to sign in again.\n',
  })
  expect(second).toMatchObject({ exitCode: 1, json: { ok: false, ended: 0 } })
  expect(endedIds(holdfast)).toEqual([older])
  expect(readStore(holdfast.storePath, 'SELECT event, signInId, reason FROM ledger')).toEqual([
    { event: 'sign_in_ended', signInId: older, reason: 'ended_by_operator' },
  ])
})

test('sessions end --before ends what began before, with a time of any zone', async () => {
  const holdfast = await createInstallation()
  const { older, nowMs } = await fill(holdfast)
  const beforeMs = nowMs - hourMs
  const elsewhere = new Date(beforeMs + 2 * hourMs).toISOString().replace('Z', '+02:00')

  expect((await holdfast.holdfast(`sessions end --before ${elsewhere} --json`)).json).toEqual({
    ok: true,
    ended: 1,
  })
  expect(endedIds(holdfast)).toEqual([older])
})

test('sessions end --dry-run counts and changes nothing', async () => {
  const holdfast = await createInstallation()
  await fill(holdfast)
  const before = dumpStore(holdfast.storePath)

  const { exitCode, stdout } = await holdfast.holdfast('sessions end --all --dry-run')

  expect({ exitCode, stdout }).toEqual({
    exitCode: 0,
    stdout: 'This would end 2 sign-ins. Nothing was changed.\n',
  })
  expect(dumpStore(holdfast.storePath)).toEqual(before)
})

test.each([
  ['', 'say which sign-ins to end'],
  [' someid --all', 'say which sign-ins to end'],
  [' --all --before 2026-01-31T10:00:00Z', 'say which sign-ins to end'],
  [' --before 2026-01-31T10:00:00', '--before expected a time with its zone'],
  [' --before yesterday', '--before expected a time with its zone'],
  [' --email ada', '--email needs exactly one @'],
])('sessions end%s is refused: %s', async (args, says) => {
  const holdfast = await createInstallation()
  await fill(holdfast)

  const { exitCode, stderr } = await holdfast.holdfast(`sessions end${args}`)

  expect(exitCode).toBe(1)
  expect(stderr).toContain(says)
  expect(endedIds(holdfast)).toEqual([])
})

test.each(['list', 'end --all'])(
  'sessions %s where there is no store says so and makes none',
  async (args) => {
    const holdfast = await createInstallation()

    const { exitCode, stderr } = await holdfast.holdfast(`sessions ${args}`)

    expect(exitCode).toBe(78)
    expect(stderr).toContain(`holdfast: there is no store at ${holdfast.storePath}`)
  },
)

function seconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d+Z$/, 'Z')
}
