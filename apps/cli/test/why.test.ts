import { db, ledgerEntry, type SqliteStore } from '@holdfast/store'
import { addMail, addSignIn, addVerification } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation } from './installation.ts'
import { hourMs } from './rings.ts'

const kid = 'kkkkkkkk'
const reference = 'HF-7K3M-9QX1'

/** A verification whose code was handed over, asked for an hour ago and good for another hour. */
async function addAsked(store: SqliteStore, changes: Parameters<typeof addVerification>[1] | object = {}) {
  const nowMs = Date.now()
  const createdAtMs = nowMs - hourMs
  const verificationId = await addVerification(store, { nowMs, kid, reference, createdAtMs, ...changes })
  await addMail(store, { nowMs, kid, verificationId, sealed: null, delivery: 'sent', tries: 1 })
  await store.write(ledgerEntry({ atMs: createdAtMs, event: 'code_asked', verificationId, kid }))
  return { verificationId, nowMs, createdAtMs }
}

test.each(['HF-7K3M-9QX1', 'hf-7k3m-9qxl', '7K3M9QXI', 'hf 7k3m 9qx1'])(
  'why reads %s as the reference that is meant',
  async (written) => {
    const holdfast = await createInstallation()
    await addAsked(await holdfast.openStore())

    const { exitCode, stdout } = await holdfast.holdfast(`why ${written}`)

    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/^Reference HF-7K3M-9QX1, login of a•••@example\.com\n/)
    expect(stdout).not.toContain('ada@')
  },
)

test('why tells each step in its order, in lines of at most 100 columns', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const { verificationId, createdAtMs } = await addAsked(store, { attempts: 1 })
  const detail = { number: 1, tries: 2, ms: 38, delivery: 'delayed' }
  const reply = `450 4.2.0 ${'greylisted, come back later '.repeat(6)}`.trim()
  await store.write(
    ledgerEntry({
      atMs: createdAtMs + 1_000,
      event: 'code_delayed',
      verificationId,
      detail: { ...detail, reply },
    }),
    ledgerEntry({
      atMs: createdAtMs + 5_000,
      event: 'guess_wrong',
      verificationId,
      detail: { try: 1, of: 5 },
    }),
    ledgerEntry({ atMs: createdAtMs + 3_000, event: 'server_stopped', detail: { instance: 'k3jw8xya' } }),
    ledgerEntry({ atMs: createdAtMs - 1_000, event: 'server_stopped', detail: { instance: 'tooearly' } }),
    ledgerEntry({
      atMs: createdAtMs + 8_000,
      event: 'server_crashed',
      detail: { instance: 'crashed2', startedAtMs: createdAtMs, lastAliveAtMs: createdAtMs + 4_000 },
    }),
  )

  const { stdout } = await holdfast.holdfast(`why ${reference}`)

  const lines = stdout.split('\n')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(100)
  const told = stdout.replace(/\s+/g, ' ')
  const lastNoted = new Date(createdAtMs + 4_000).toISOString().replace(/\.\d+/, '')
  const steps = [
    `asked for a code for a•••@example.com (login), key ${kid}; mail queued`,
    `the mail of code 1 at attempt 2 was not handed over and will be tried again: ${reply} (38 ms)`,
    'server k3jw8xya stopped in order',
    'a wrong code was entered: try 1 of 5',
    // The wrong code came after that note: the server lived longer than it says.
    `last noted alive at ${lastNoted} (a server notes it every 10 s)`,
    'The mail server took its mail over',
    '4 of 5 tries are left.',
  ]
  expect(steps.map((step) => told.indexOf(step))).toEqual(
    steps.map((step) => told.indexOf(step)).sort((one, other) => one - other),
  )
  for (const step of steps) expect(told).toContain(step)
  expect(told).not.toContain('tooearly')
})

test('why --json has the same for machines', async () => {
  const holdfast = await createInstallation()
  const { createdAtMs } = await addAsked(await holdfast.openStore())

  const { exitCode, json } = await holdfast.holdfast(`why ${reference} --json`)

  expect(exitCode).toBe(0)
  expect(json).toEqual({
    ok: true,
    reference,
    type: 'login',
    email: 'a•••@example.com',
    signIn: null,
    state: 'waiting',
    reason: null,
    since: null,
    sentence: expect.stringContaining('5 of 5 tries are left.'),
    events: [
      {
        at: new Date(createdAtMs).toISOString(),
        event: 'code_asked',
        reason: null,
        kid,
        detail: {},
        text: `asked for a code for a•••@example.com (login), key ${kid}; mail queued`,
      },
    ],
  })
})

test('why takes the id of a sign-in too, also where its verification was purged', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const signInId = await addSignIn(store, { nowMs, kid })
  await store.write(ledgerEntry({ atMs: nowMs, event: 'signed_in', signInId, kid }))

  const { exitCode, stdout } = await holdfast.holdfast(`why -- ${signInId}`)

  expect(exitCode).toBe(0)
  expect(stdout).toContain(`sign-in ${signInId}`)
  expect(stdout).toContain(`signed in (${signInId}), key ${kid}`)
  expect(stdout).toContain('You have been signed in since')
})

test('why tells a key that was revoked as the reason, and not just that an operator ended it', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const signInId = await addSignIn(store, {
    nowMs,
    kid,
    endedAtMs: nowMs,
    endReason: 'ended_by_operator',
  })
  await store.write(
    ledgerEntry({ atMs: nowMs, event: 'sign_in_ended', signInId, kid, reason: 'key_revoked' }),
  )

  const { json } = await holdfast.holdfast(`why --json -- ${signInId}`)

  expect(json).toMatchObject({
    state: 'over',
    reason: 'key_revoked',
    sentence: expect.stringContaining(`then the operator ended it, because key ${kid} was revoked.`),
  })
})

test('why goes by the time that the servers let a sign-in idle', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const signInId = await addSignIn(store, { nowMs, kid, lastSeenAtMs: nowMs - 90_000 })
  expect((await holdfast.holdfast(`why --json -- ${signInId}`)).json.state).toBe('signed_in')

  const value = JSON.stringify({ ringId: 'rrrrrrrr', epoch: 1, kids: [], idleMs: 60_000 })
  await store.write(db.insertInto('meta').values({ key: 'keyRing', value }))

  expect((await holdfast.holdfast(`why --json -- ${signInId}`)).json).toMatchObject({
    state: 'over',
    reason: 'idle_timeout',
    since: expect.any(String),
    sentence: expect.stringContaining('ends when it is not used for 1 min'),
  })
})

test('why tells a sign-in whose longest time is over', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const signInId = await addSignIn(store, {
    nowMs,
    kid,
    authTimeMs: nowMs - hourMs,
    expiresAtMs: nowMs - 60_000,
  })

  const { stdout } = await holdfast.holdfast(`why -- ${signInId}`)

  expect(stdout).toContain('the sign-in ended: its longest time was over')
  expect(stdout).toContain('\nNow: over, session_expired\n')
  expect(stdout.replace(/\s+/g, ' ')).toContain(
    'a sign-in ends after so long in any case. Please sign in again.',
  )
})

test.each([reference, 'signedInThen'])('why %s tells by the ledger what was purged', async (name) => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const atMs = Date.now() - 100 * 24 * hourMs
  const verificationId = 'asked'
  const signInId = 'signedInThen'
  await store.write(
    ledgerEntry({ atMs, event: 'code_asked', verificationId, kid, detail: { reference, type: 'login' } }),
    ledgerEntry({ atMs: atMs + 1_000, event: 'signed_in', verificationId, signInId, kid }),
    ledgerEntry({ atMs: atMs + 2_000, event: 'signed_out', signInId, reason: 'signed_out' }),
  )

  const { json, stdout } = await holdfast.holdfast(`why --json ${name}`)

  expect(json).toMatchObject({ reference, type: 'login', email: null, state: 'over', reason: 'signed_out' })
  expect(stdout).toContain('then you signed out. Please sign in again.')
  expect(json.events).toMatchObject([
    { event: 'code_asked' },
    { event: 'signed_in' },
    { event: 'signed_out' },
  ])
})

test('why folds many restarts into one line, and --all shows them', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const { createdAtMs } = await addAsked(store)
  const starts = Array.from({ length: 50 }, (_, at) =>
    ledgerEntry({ atMs: createdAtMs + at, event: 'server_started', kid, detail: { instance: `start${at}` } }),
  )
  await store.write(...starts)

  const folded = await holdfast.holdfast(`why ${reference}`)
  const all = await holdfast.holdfast(`why ${reference} --all`)

  expect(folded.stdout).toContain('... and 46 more like these (--all shows them)')
  expect(folded.stdout.match(/started/g)).toHaveLength(4)
  expect(all.stdout.match(/started/g)).toHaveLength(50)
})

test('why of what the store does not know is refused, with what may be the reason', async () => {
  const holdfast = await createInstallation()
  await holdfast.openStore()

  const { exitCode, stdout, stderr } = await holdfast.holdfast('why HF-0000-0000')

  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toContain(`the store ${holdfast.storePath} knows no "HF-0000-0000"`)
  expect(stderr).toMatch(/another installation \(DATA_DIR, STORE_URL\), or older than the ledger/)
})

test('why shows no control character that got into the store', async () => {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const { verificationId, nowMs } = await addAsked(store)
  const detail = { number: 1, tries: 1, ms: 1, delivery: 'sent', reply: '250 \u001b[2J\u202e ok' }
  await store.write(ledgerEntry({ atMs: nowMs, event: 'code_handed_over', verificationId, detail }))

  expect((await holdfast.holdfast(`why ${reference}`)).stdout).not.toMatch(/[^\P{C}\n]/u)
})
