import { randomBytes } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'

const ledgerOf = (storePath: string) => readStore(storePath, 'SELECT event, kid FROM ledger ORDER BY id')

test('rotate stages a key that signs after two times KEY_RELOAD_SECONDS, and writes it into the ledger', async () => {
  const holdfast = await createInstallation({ KEY_RELOAD_SECONDS: '45' })
  const ring = ringOfAges(hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()
  const beforeMs = Date.now()

  const { exitCode, stdout } = await holdfast.holdfast('keys rotate')

  const after = await holdfast.readRing()
  const staged = keyAt(after, 1)
  expect(exitCode).toBe(0)
  expect(after).toMatchObject({ ringId: ring.ringId, epoch: 2, keys: [keyAt(ring, 0), { state: 'staged' }] })
  expect(staged.signsFromMs).toBeGreaterThanOrEqual(beforeMs + 90_000)
  expect(staged.signsFromMs).toBeLessThanOrEqual(Date.now() + 90_000)
  expect(stdout).toContain(`Key ${staged.kid} is staged in ${holdfast.keyFile}: `)
  expect(stdout).toContain('signs in 1 min, from 20')
  expect(stdout).toContain('Every process looks every 45 s, or at once on SIGHUP.')
  expect(ledgerOf(holdfast.storePath)).toEqual([{ event: 'key_staged', kid: staged.kid }])
})

/** A key is staged for hours, however long the commands take that come after it. */
const stagedForLong = { KEY_RELOAD_SECONDS: '3600' }

test('rotate while a key is staged is refused, as often as it is tried', async () => {
  const holdfast = await createInstallation(stagedForLong)
  await holdfast.putRing(ringOfAges(hourMs))
  const { json } = await holdfast.holdfast('keys rotate --json')
  const before = await readFile(holdfast.keyFile, 'utf8')

  for (const args of ['keys rotate', 'keys rotate --in 0', 'keys rotate --json']) {
    const { exitCode, stderr } = await holdfast.holdfast(args)

    expect(exitCode).toBe(1)
    expect(stderr).toMatch(
      `holdfast: ${holdfast.keyFile} is being rotated already: key ${json.kid} signs from `,
    )
  }
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
})

test('of four rotations at once one is done and three are refused', async () => {
  const holdfast = await createInstallation(stagedForLong)
  await holdfast.putRing(ringOfAges(hourMs))

  const runs = await Promise.all(Array.from({ length: 4 }, () => holdfast.holdfast('keys rotate --json')))

  expect(runs.map(({ exitCode }) => exitCode).sort()).toEqual([0, 1, 1, 1])
  expect(runs.filter(({ json }) => json.ok)).toHaveLength(1)
  expect((await holdfast.readRing()).keys).toHaveLength(2)
})

test('rotate --in 0 signs at once, and can be done again', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))

  expect((await holdfast.holdfast('keys rotate --in 0')).stdout).toContain(', and signs from now on.\n')
  const { exitCode, json } = await holdfast.holdfast('keys rotate --in 0 --json')

  expect(exitCode).toBe(0)
  const { keys } = await holdfast.readRing()
  expect(json).toEqual({
    ok: true,
    ringId: expect.any(String),
    epoch: 3,
    kid: keys[2]?.kid,
    signsFrom: expect.stringMatching(/^20.*Z$/),
  })
  expect((await holdfast.holdfast('keys list --json')).json.keys).toMatchObject([
    { state: 'retired' },
    { state: 'retired' },
    { state: 'active', signs: true },
  ])
})

test.each(['-1', '1.5', 'soon', '1e3', '99999999', '0x10'])(
  'rotate --in %s is refused and changes nothing',
  async (seconds) => {
    const holdfast = await createInstallation()
    await holdfast.putRing(ringOfAges(hourMs))

    const { exitCode, stderr } = await holdfast.holdfast(`keys rotate --in=${seconds}`)

    expect(exitCode).toBe(1)
    expect(stderr).toContain('expected a whole number of seconds')
    expect((await holdfast.readRing()).epoch).toBe(1)
  },
)

test('rotate makes a ring of the one line of an older app, whose key goes on signing until then', async () => {
  const holdfast = await createInstallation(stagedForLong)
  await mkdir(holdfast.dataFolder)
  await writeFile(holdfast.keyFile, randomBytes(32).toString('hex'), { mode: 0o600 })
  const { kid } = keyAt(await holdfast.readRing(), 0)

  const { exitCode } = await holdfast.holdfast('keys rotate')

  expect(exitCode).toBe(0)
  expect(await holdfast.readRing()).toMatchObject({ epoch: 1, keys: [{ kid }, { state: 'staged' }] })
  expect((await holdfast.holdfast('keys list --json')).json.keys).toMatchObject([{ kid, signs: true }, {}])
})

test('rotate of SECRET_KEY says where the new key has to be put', async () => {
  const SECRET_KEY = randomBytes(32).toString('hex')
  const holdfast = await createInstallation({ SECRET_KEY })

  const { exitCode, stderr } = await holdfast.holdfast('keys rotate')

  expect(exitCode).toBe(78)
  expect(stderr).toBe(
    'holdfast: SECRET_KEY is not kept by Holdfast: put the new key in SECRET_KEY and the older one in SECRET_KEY_FALLBACKS where they are set\n',
  )
})
