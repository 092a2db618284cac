import { db, ledgerEntry } from '@holdfast/store'
import { addSignIn, addVerification } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation } from './installation.ts'
import { hourMs } from './rings.ts'

const kid = 'kkkkkkkk'

/** Of one address: a code that expired, one that waits, and a sign-in whose verification is purged; and one of somebody else. */
async function createFilled() {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const about = { nowMs, kid }
  const expired = {
    createdAtMs: nowMs - 3 * hourMs,
    sentAtMs: nowMs - 3 * hourMs,
    expiresAtMs: nowMs - 2 * hourMs,
  }
  await addVerification(store, { ...about, ...expired, reference: 'HF-0000-0001' })
  await addVerification(store, { ...about, createdAtMs: nowMs - 60_000, reference: 'HF-0000-0002' })
  await addVerification(store, { ...about, email: 'grace@example.com', reference: 'HF-0000-0003' })
  const signInId = await addSignIn(store, { ...about, authTimeMs: nowMs - 2 * hourMs })
  await store.write(
    db.updateTable('accounts').set({ email: 'ada@example.com' }).where('id', '=', signInId),
    ledgerEntry({
      atMs: nowMs - 2 * hourMs,
      event: 'code_asked',
      verificationId: signInId,
      kid,
      detail: { reference: 'HF-0000-0004', type: 'signup' },
    }),
  )
  return { holdfast, signInId }
}

test('why lists what there is of an address, the newest first, and how each stands', async () => {
  const { holdfast, signInId } = await createFilled()

  const { exitCode, stdout } = await holdfast.holdfast('why --email ADA@Example.com')
  const { json } = await holdfast.holdfast('why --email ada@example.com --json')

  expect(exitCode).toBe(0)
  expect(stdout).toMatch(
    /^Of a•••@example\.com: 3, the newest first \(times are UTC\)\n\nbegan +reference +for/,
  )
  expect(stdout).toMatch(
    new RegExp(
      `HF-0000-0002  login +- +waiting\\n.*HF-0000-0004  signup +${signInId} +signed_in\\n.*HF-0000-0001  login +- +over, verification_expired\\n$`,
    ),
  )
  expect(stdout).not.toMatch(/ada@|grace/i)
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(110)
  expect(json).toMatchObject({
    ok: true,
    count: 3,
    email: 'a•••@example.com',
    stories: [
      { reference: 'HF-0000-0002', state: 'waiting', signIn: null },
      { reference: 'HF-0000-0004', state: 'signed_in', signIn: { id: signInId } },
      { reference: 'HF-0000-0001', state: 'over', reason: 'verification_expired' },
    ],
  })
  expect(JSON.stringify(json)).not.toMatch(/ada@|grace/i)
})

test('why lists so many as it is told, and says how many there are beyond them', async () => {
  const { holdfast } = await createFilled()

  const { stdout } = await holdfast.holdfast('why --email ada@example.com --limit 1')

  expect(stdout).toContain('HF-0000-0002')
  expect(stdout).not.toContain('HF-0000-0001')
  expect(stdout).toMatch(/^\.\.\. and 2 more \(--limit\)$/m)
})

test('why says of an address that nobody asked a code for that it is not known, without the address', async () => {
  const { holdfast } = await createFilled()

  const { exitCode, stdout, stderr } = await holdfast.holdfast('why --email nobody@example.com')

  expect([exitCode, stdout]).toEqual([1, ''])
  expect(stderr).toMatch(/^holdfast: the store \S+ knows nothing of n•••@example\.com: /)
})

test.each(['why', 'why HF-0000-0001 --email ada@example.com'])(
  '%s is refused: one thing at a time',
  async (args) => {
    const { holdfast } = await createFilled()

    expect(await holdfast.holdfast(args)).toMatchObject({
      exitCode: 1,
      stderr: 'holdfast: say what to tell of: a reference, the id of a sign-in, or --email and an address\n',
    })
  },
)
