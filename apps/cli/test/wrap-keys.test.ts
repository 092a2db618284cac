import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { keyFileSource } from '@holdfast/core'
import { startTransitServer, type TransitServer } from '@holdfast/vault-transit/testing'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { hourMs, keyAt, ringOfAges } from './rings.ts'
import { showing } from './secret-traces.ts'

const token = `hvs.${randomBytes(24).toString('base64url')}`
let vault: TransitServer
let holdfast: Installation
let wrappedFile: string

beforeEach(async () => {
  vault = await startTransitServer(token)
  vault.createKey('holdfast')
  onTestFinished(() => vault.stop())
  holdfast = await createInstallation({
    VAULT_ADDR: vault.url,
    VAULT_TOKEN: token,
  })
  wrappedFile = join(holdfast.dataFolder, 'secret_key.wrapped.json')
})

test('wrap writes the ring wrapped by Vault, and the commands then work on it', async () => {
  const ring = ringOfAges(2 * hourMs, hourMs)
  await holdfast.putRing(ring)
  await holdfast.openStore()

  const { exitCode, stdout } = await holdfast.holdfast('keys wrap --with vault:transit/holdfast')

  expect(exitCode).toBe(0)
  expect(stdout).toContain(
    `The key ring is in ${wrappedFile}, wrapped by vault, and was read back through it.\n`,
  )
  expect(stdout).toContain(`Now set SECRET_KEY_SOURCE=vault:${wrappedFile} and restart`)
  expect(stdout).toContain(`Then destroy ${holdfast.keyFile} and its backups`)
  expect((await stat(wrappedFile)).mode & 0o777).toBe(0o600)
  const wrapped = await readFile(wrappedFile, 'utf8')
  expect(JSON.parse(wrapped)).toMatchObject({
    service: 'vault',
    ringId: ring.ringId,
    keyName: 'transit/holdfast',
  })
  for (const { secret } of ring.keys) expect(showing(secret as Uint8Array, [wrapped])).toEqual([])

  const env = { SECRET_KEY_SOURCE: `vault:${wrappedFile}` }
  expect((await holdfast.holdfast('keys check --json', env)).json).toMatchObject({ starts: true, faults: [] })
  const { json } = await holdfast.holdfast('keys rotate --in 0 --json', env)
  const { kid } = keyAt(ring, 0)
  expect((await holdfast.holdfast(`keys revoke ${kid}`, env)).exitCode).toBe(0)
  expect((await holdfast.holdfast('keys list --json', env)).json).toMatchObject({
    ringId: ring.ringId,
    epoch: 4,
    source: wrappedFile,
    keys: [{ kid, state: 'revoked' }, { state: 'retired' }, { kid: json.kid, signs: true }],
  })
  expect(await holdfast.readRing()).toEqual(ring)
})

test('wrap --json names the file, the service and its key', async () => {
  const ring = ringOfAges(hourMs)
  await holdfast.putRing(ring)

  const { json } = await holdfast.holdfast('keys wrap --with vault:holdfast --out keys/ring.json --json')

  expect(json).toEqual({
    ok: true,
    path: join(holdfast.folder, 'keys/ring.json'),
    service: 'vault',
    keyName: 'holdfast',
    ringId: ring.ringId,
    epoch: 1,
  })
})

test('import takes a lost key back into a wrapped ring', async () => {
  await holdfast.putRing(ringOfAges(hourMs))
  await holdfast.holdfast('keys wrap --with vault:holdfast')
  const lost = ringOfAges(2 * hourMs)
  const backup = join(holdfast.folder, 'backup.txt')
  await keyFileSource({ path: backup }).put(lost)
  const env = { SECRET_KEY_SOURCE: 'vault:' }

  expect((await holdfast.holdfast(`keys import ${backup}`, env)).exitCode).toBe(0)

  expect((await holdfast.holdfast('keys list --json', env)).json.keys).toMatchObject([
    { kid: keyAt(lost, 0).kid, state: 'retired', verifies: true },
    { signs: true },
  ])
})

test('wrap over a file that exists is refused before Vault is asked', async () => {
  await holdfast.putRing(ringOfAges(hourMs))
  await holdfast.holdfast('keys wrap --with vault:holdfast')
  const before = await readFile(wrappedFile, 'utf8')
  let requests = 0
  vault.overrides.push((response) => {
    requests += 1
    response.destroy()
  })

  const { exitCode, stderr } = await holdfast.holdfast('keys wrap --with vault:holdfast')

  expect(exitCode).toBe(1)
  expect(stderr).toBe(
    `holdfast: ${wrappedFile} exists already; name another file with --out, or move this one away\n`,
  )
  expect(await readFile(wrappedFile, 'utf8')).toBe(before)
  expect(requests).toBe(0)
})

test('wrap while Vault is down asks for KEY_SERVICE_WAIT_SECONDS and ends with 75, without a file', async () => {
  await holdfast.putRing(ringOfAges(hourMs))
  const closed = await startTransitServer(token)
  await closed.stop()

  const { exitCode, stderr } = await holdfast.holdfast('keys wrap --with vault:holdfast', {
    VAULT_ADDR: closed.url,
    // Several times what a first call and its pause take, on a machine that has other work.
    KEY_SERVICE_WAIT_SECONDS: '5',
  })

  expect(exitCode).toBe(75)
  const lines = stderr.trimEnd().split('\n')
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.at(-1)).toMatch(/^holdfast: Vault transit could not wrap .*ECONNREFUSED; .*VAULT_ADDR$/)
  for (const line of lines.slice(0, -1)) expect(line).toMatch(/; asking again$/)
  expect(existsSync(wrappedFile)).toBe(false)
})

test('check while Vault is down ends with 75', async () => {
  await holdfast.putRing(ringOfAges(hourMs))
  await holdfast.holdfast('keys wrap --with vault:holdfast')
  const closed = await startTransitServer(token)
  await closed.stop()

  const { exitCode, json } = await holdfast.holdfast('keys check --json', {
    SECRET_KEY_SOURCE: 'vault:',
    VAULT_ADDR: closed.url,
    KEY_SERVICE_WAIT_SECONDS: '1',
  })

  expect(exitCode).toBe(75)
  expect(json).toMatchObject({
    ok: false,
    faults: [expect.stringMatching(/^key ring: Vault .*ECONNREFUSED/)],
  })
})

test('wrap with a token that may wrap and not unwrap leaves no file that no server could open', async () => {
  await holdfast.putRing(ringOfAges(hourMs))
  const wrap = holdfast.holdfast('keys wrap --with vault:holdfast')
  await vault.requestArrives()
  vault.overrides.push((response) => response.writeHead(403).end('{"errors":["permission denied"]}'))

  const { exitCode, stderr } = await wrap

  expect(exitCode).toBe(78)
  expect(stderr).toMatch(/^holdfast: Vault transit could not unwrap .*status 403; check that the token/)
  expect(existsSync(wrappedFile)).toBe(false)
})

test.each([
  { with: 'vault', says: '--with expects a service and its key', exitCode: 1 },
  {
    with: 'volt:transit/holdfast',
    says: 'the services are aws-kms, azure-key-vault, gcp-kms, vault',
    exitCode: 1,
  },
  { with: 'vault:', says: '--with expects a service and its key', exitCode: 1 },
  { with: 'vault:../sys', says: 'give <mount>/<key>, such as transit/holdfast', exitCode: 78 },
  { with: 'vault:transit/holdfest', says: 'check the key name and the mount, or make the key', exitCode: 78 },
])('wrap --with $with is refused', async ({ with: name, says, exitCode }) => {
  await holdfast.putRing(ringOfAges(hourMs))

  const run = await holdfast.holdfast(`keys wrap --with ${name}`)

  expect(run.exitCode).toBe(exitCode)
  expect(run.stderr).toContain(says)
  expect(existsSync(wrappedFile)).toBe(false)
})

test('wrap without a ring says how a ring comes to be', async () => {
  const { exitCode, stderr } = await holdfast.holdfast('keys wrap --with vault:holdfast')

  expect(exitCode).toBe(78)
  expect(stderr).toContain(`${holdfast.keyFile} does not exist; a server makes it at its first start`)
})
