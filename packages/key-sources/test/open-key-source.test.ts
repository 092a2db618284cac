import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKeyRingRecord, fingerprintOf } from '@holdfast/core'
import { beforeEach, expect, test } from 'vitest'
import { openKeySource, wrappedKeySource } from '../src/open-key-source.ts'
import { startVaultPeer } from './vault-peer.ts'

const secret = '1f'.repeat(16) + '0123456789abcdef'.repeat(2)
const older = 'e0'.repeat(16) + 'fedcba9876543210'.repeat(2)
const nowMs = 1_700_000_000_000
/** Longer than any answer takes, on a machine that has other work. */
const waitMs = 120_000
const noService = { environment: {}, waitMs }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-source-'))
  return () => rm(folder, { recursive: true, force: true })
})

test('texts are a ring in which the first signs, and their source is called by its variable', async () => {
  const source = await openKeySource(
    {
      kind: 'texts',
      signer: { name: 'SECRET_KEY', text: secret },
      fallbacks: { name: 'SECRET_KEY_FALLBACKS', text: older },
    },
    noService,
  )

  expect(source.name).toBe('SECRET_KEY')
  const { record, created } = await source.load({ create: true, nowMs })
  expect(created).toBe(false)
  expect(record.keys.map(({ state }) => state)).toEqual(['active', 'retired'])
})

test('a path is read when it is loaded and not when it is opened, and a ring is made there on request', async () => {
  const path = join(folder, 'later', 'secret_key.txt')
  const source = await openKeySource({ kind: 'path', path }, noService)

  await expect(source.load({ create: false, nowMs })).rejects.toThrow(`${path} does not exist`)
  expect(await source.load({ create: true, nowMs })).toMatchObject({ created: true })
  expect(await source.load({ create: true, nowMs })).toMatchObject({ created: false })
})

test('a wrapped ring is unwrapped by its service, and never made', async () => {
  await using vault = await startVaultPeer()
  const settings = { environment: vault.environment, waitMs }
  const path = join(folder, 'secret_key.wrapped.json')
  const source = await openKeySource({ kind: 'wrapped', service: 'vault', path }, settings)
  await expect(source.load({ create: true, nowMs })).rejects.toThrow(`${path} does not exist`)
  expect(vault.calls).toEqual([])

  const ring = createKeyRingRecord(nowMs)
  const writer = await wrappedKeySource({ service: 'vault', path, settings, keyName: 'holdfast' })
  await writer.put(ring)

  const loaded = await source.load({ create: false, nowMs })
  expect(fingerprintOf(loaded.record)).toBe(fingerprintOf(ring))
  expect(vault.calls).toEqual(['/v1/transit/encrypt/holdfast', '/v1/transit/decrypt/holdfast'])
  // Polled every half a minute by every process: an unchanged file costs no call.
  await source.load({ create: false, nowMs })
  expect(vault.calls).toHaveLength(2)
  const text = await readFile(path, 'utf8')
  expect(text).not.toContain(Buffer.from(ring.keys[0]?.secret ?? []).toString('base64url'))
})

test('a wrapped ring whose service is denied, or stays away, is told with the fault of the service', async () => {
  await using vault = await startVaultPeer()
  const settings = { environment: vault.environment, waitMs }
  const path = join(folder, 'secret_key.wrapped.json')
  const source = await wrappedKeySource({ service: 'vault', path, settings, keyName: 'holdfast' })
  await source.put(createKeyRingRecord(nowMs))
  const reader = await openKeySource({ kind: 'wrapped', service: 'vault', path }, settings)

  vault.answerWith(403)
  await expect(reader.load({ create: false, nowMs })).rejects.toMatchObject({ fault: 'denied' })
  vault.answerWith(503)
  const impatient = await openKeySource(
    { kind: 'wrapped', service: 'vault', path },
    { ...settings, waitMs: 300 },
  )
  await expect(impatient.load({ create: false, nowMs })).rejects.toMatchObject({ isTemporary: true })
  vault.answerWith(200)
  expect((await reader.load({ create: false, nowMs })).record.epoch).toBe(1)
})

test.each([
  ['a ring in clear', `${secret}\n`, /is not a wrapped key ring/],
  ['a ring that another service wrapped', JSON.stringify({ holdfast: 'wrapped-key-ring' }), /has version/],
])('%s is refused without a call to the service', async (_name, text, fault) => {
  await using vault = await startVaultPeer()
  const path = join(folder, 'secret_key.wrapped.json')
  await writeFile(path, text, { mode: 0o600 })
  const source = await openKeySource(
    { kind: 'wrapped', service: 'vault', path },
    { environment: vault.environment, waitMs },
  )

  await expect(source.load({ create: false, nowMs })).rejects.toThrow(fault)
  await expect(source.load({ create: false, nowMs })).rejects.not.toThrow(secret)
  expect(vault.calls).toEqual([])
})
