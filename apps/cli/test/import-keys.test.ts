import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type KeyRingRecord, keyFileSource, retireKey, revokeKey, rotateKeys } from '@holdfast/core'
import { rememberKeyRing } from '@holdfast/store'
import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'

const oneLine = () => randomBytes(32).toString('hex')

async function backUp({ folder }: Installation, ring: KeyRingRecord): Promise<string> {
  const path = join(folder, 'backup.txt')
  await keyFileSource({ path }).put(ring)
  return path
}

async function putLine({ dataFolder, keyFile }: Installation, line: string): Promise<void> {
  await mkdir(dataFolder, { recursive: true })
  await writeFile(keyFile, `${line}\n`, { mode: 0o600 })
}

test('import without a file makes a ring of the one line of an older app, with the same key', async () => {
  const holdfast = await createInstallation()
  const line = oneLine()
  await putLine(holdfast, line)
  const { ringId, keys } = await holdfast.readRing()

  const { exitCode, stdout } = await holdfast.holdfast('keys import')

  expect(exitCode).toBe(0)
  expect(stdout).toBe(`${holdfast.keyFile} is a key ring of epoch 1 now.\n`)
  expect(await holdfast.readRing()).toEqual({ ringId, epoch: 1, keys })
  expect(JSON.parse(await readFile(holdfast.keyFile, 'utf8'))).toMatchObject({ holdfast: 'key-ring' })
  expect((await stat(holdfast.keyFile)).mode & 0o777).toBe(0o600)
  const again = await holdfast.holdfast('keys import')
  expect(again).toMatchObject({
    exitCode: 1,
    stderr: `holdfast: ${holdfast.keyFile} is a key ring of epoch 1 already\n`,
  })
})

test('import of the one line of an older app where there is no ring yet makes it the ring', async () => {
  const holdfast = await createInstallation()
  const line = oneLine()
  const path = join(holdfast.folder, 'older_app.txt')
  await writeFile(path, line, { mode: 0o600 })

  const { exitCode, json } = await holdfast.holdfast('keys import older_app.txt --json')

  const ring = await holdfast.readRing()
  expect(exitCode).toBe(0)
  expect(json).toEqual({
    ok: true,
    ringId: ring.ringId,
    source: holdfast.keyFile,
    kids: [keyAt(ring, 0).kid],
  })
  expect(ring).toMatchObject({ epoch: 1, keys: [{ state: 'active', secret: Buffer.from(line, 'hex') }] })
  expect(await readFile(path, 'utf8')).toBe(line)
  expect(await readdir(holdfast.dataFolder)).toEqual(['secret_key.txt'])
})

test('import takes a key that was lost back into the ring: it verifies, and another signs', async () => {
  const holdfast = await createInstallation()
  const lost = ringOfAges(2 * hourMs)
  const ring = ringOfAges(hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()
  const path = await backUp(holdfast, lost)
  const { kid } = keyAt(lost, 0)

  const { exitCode, stdout } = await holdfast.holdfast(`keys import ${path}`)

  expect(exitCode).toBe(0)
  expect(stdout).toBe(`Added to ${holdfast.keyFile}, to verify and never to sign: ${kid}.\n`)
  expect((await holdfast.holdfast('keys list --json')).json).toMatchObject({
    ringId: ring.ringId,
    epoch: 2,
    keys: [
      { kid, state: 'retired', signs: false, verifies: true, verifiesUntil: null },
      { kid: keyAt(ring, 0).kid, signs: true },
    ],
  })
  expect(readStore(holdfast.storePath, 'SELECT event, kid FROM ledger')).toEqual([
    { event: 'key_added', kid },
  ])
})

test('import twice is refused the second time', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  const path = await backUp(holdfast, ringOfAges(2 * hourMs))
  await holdfast.holdfast(`keys import ${path}`)
  const before = await readFile(holdfast.keyFile, 'utf8')

  const { exitCode, json } = await holdfast.holdfast(`keys import ${path} --json`)

  expect(exitCode).toBe(1)
  expect(json).toEqual({ ok: false, faults: [`${holdfast.keyFile} has every key of ${path} already`] })
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
})

test('import leaves a revoked key out, and takes the others of the backup', async () => {
  const holdfast = await createInstallation()
  const nowMs = Date.now()
  const backup = ringOfAges(3 * hourMs, 2 * hourMs, hourMs)
  const [revoked, retired] = [keyAt(backup, 0).kid, keyAt(backup, 1).kid]
  const without = retireKey(revokeKey(backup, revoked, { nowMs }), retired, { nowMs, verifiesUntilMs: nowMs })
  await holdfast.putRing(without)
  const path = await backUp(holdfast, backup)

  const { exitCode, stdout } = await holdfast.holdfast(`keys import ${path}`)

  expect(exitCode).toBe(0)
  expect(stdout).toBe(
    `Added to ${holdfast.keyFile}, to verify and never to sign: ${retired}.\n` +
      `Note: ${holdfast.keyFile} has revoked ${revoked}: what is revoked stays out\n`,
  )
  const { keys } = await holdfast.readRing()
  expect(keys.find(({ kid }) => kid === revoked)).toMatchObject({ state: 'revoked', secret: null })
  expect(await holdfast.holdfast(`keys import ${path}`)).toMatchObject({
    exitCode: 1,
    stderr: `holdfast: ${holdfast.keyFile} has revoked ${revoked}: what is revoked stays out\n`,
  })
})

test('import of a backup whose newest key was still staged leaves a ring that can be read', async () => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  const nowMs = Date.now()
  const backup = rotateKeys(ringOfAges(2 * hourMs), { nowMs, signsFromMs: nowMs + hourMs })
  const path = await backUp(holdfast, backup)

  expect((await holdfast.holdfast(`keys import ${path}`)).exitCode).toBe(0)

  const { exitCode, json } = await holdfast.holdfast('keys list --json')
  expect(exitCode).toBe(0)
  expect(json.keys).toMatchObject([
    { state: 'retired', verifies: true },
    { state: 'retired', verifies: true },
    { state: 'active', signs: true },
  ])
})

test.each([
  { what: 'a missing file', text: undefined, says: 'does not exist' },
  { what: 'an empty file', text: '', says: 'is empty' },
  { what: 'a ring that was cut short', text: '{"holdfast":"key-ring"', says: 'its JSON does not parse' },
  { what: 'a key that is too short', text: 'dead'.repeat(8), says: 'is shorter than 32 bytes' },
  { what: 'another JSON', text: '{"a":1}', says: 'is JSON, but not a Holdfast key ring' },
])('import of $what is a fault that changes nothing', async ({ text, says }) => {
  const holdfast = await createInstallation()
  await holdfast.putRing(ringOfAges(hourMs))
  const before = await readFile(holdfast.keyFile, 'utf8')
  const path = join(holdfast.folder, 'other.txt')
  if (text !== undefined) await writeFile(path, text, { mode: 0o600 })

  const { exitCode, stderr } = await holdfast.holdfast('keys import other.txt')

  expect(exitCode).toBe(78)
  expect(stderr).toMatch(`holdfast: ${path} `)
  expect(stderr).toContain(says)
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe(before)
})

test('import into a ring that is broken is a fault, and does not put the imported keys in its place', async () => {
  const holdfast = await createInstallation()
  await putLine(holdfast, 'torn')
  const path = await backUp(holdfast, ringOfAges(hourMs))

  const { exitCode, stderr } = await holdfast.holdfast(`keys import ${path}`)

  expect(exitCode).toBe(78)
  expect(stderr).toContain(`${holdfast.keyFile} holds a key that is shorter than 32 bytes`)
  expect(await readFile(holdfast.keyFile, 'utf8')).toBe('torn\n')
})

test('import into SECRET_KEY is refused', async () => {
  const holdfast = await createInstallation({ SECRET_KEY: oneLine() })
  const path = await backUp(holdfast, ringOfAges(hourMs))

  expect(await holdfast.holdfast(`keys import ${path}`)).toMatchObject({
    exitCode: 1,
    stderr: 'holdfast: SECRET_KEY is not a file; set SECRET_KEY_SOURCE=file: and a path\n',
  })
})

test.each(['with a ring', 'without one'])(
  'import %s leaves a key out that the store knows as revoked, so that the next start takes the ring',
  async (name) => {
    const holdfast = await createInstallation()
    const backup = ringOfAges(30 * hourMs, 20 * hourMs)
    const leaked = keyAt(backup, 1).kid
    const path = await backUp(holdfast, backup)
    const store = await holdfast.openStore()
    await store.write(...rememberKeyRing(revokeKey(backup, leaked, { nowMs: Date.now() })))
    if (name === 'with a ring') await keyFileSource({ path: holdfast.keyFile }).put(ringOfAges(hourMs))

    expect(await holdfast.holdfast(`keys import ${path}`)).toMatchObject({ exitCode: 0 })

    const { keys } = await holdfast.readRing()
    expect(keys.find(({ kid }) => kid === leaked)?.secret ?? null).toBeNull()
    expect(keys.find(({ kid }) => kid === keyAt(backup, 0).kid)?.secret).not.toBeNull()
    expect(await holdfast.holdfast('keys check')).toMatchObject({ exitCode: 0, stderr: '' })
  },
)
