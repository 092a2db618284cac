import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKeySource } from '@holdfast/key-sources'
import { serverVariables } from '@holdfast/settings'
import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'

const secretCharacter = fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ!$%&/=?#~')
/** Long enough that no message says it by accident. */
const secret = fc.string({ unit: secretCharacter, minLength: 8, maxLength: 60 })
const shortSecret = fc.string({ unit: secretCharacter, minLength: 8, maxLength: 31 })
const noKeys = ['\n', ' ', '\ufeff', '\0'.repeat(64), 'a'.repeat(64)]

let path: string

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-key-'))
  path = join(folder, 'secret_key.txt')
  return () => rm(folder, { recursive: true, force: true })
})

/** What a start with these variables says against its keys, its configuration first. */
async function keyFaultOf(environment: Record<string, string>): Promise<string> {
  const loaded = loadConfig(environment)
  if (!loaded.ok) return loaded.faults.join('\n')
  const source = await openKeySource(loaded.config.keySource, { environment: {}, waitMs: 100 })
  return source.load({ create: true, nowMs: Date.now() }).then(
    () => expect.fail('the key was taken'),
    (error: Error) => error.message,
  )
}

test('no fault of the configuration ever quotes what a variable held', () => {
  const environment = fc.record(
    Object.fromEntries(Object.keys(serverVariables.shape).map((name) => [name, secret])),
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(environment, (values) => {
      const loaded = loadConfig(values)
      const text = loaded.ok ? '' : loaded.faults.join('\n')
      for (const value of Object.values(values)) expect(text).not.toContain(value)
    }),
    { numRuns: 1_000 },
  )
})

test('no fault of well-formed variables that do not fit together quotes a key', () => {
  const environment = fc.record(
    { SECRET_KEY: shortSecret, SECRET_KEY_FALLBACKS: fc.array(shortSecret, { minLength: 1 }) },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(environment, ({ SECRET_KEY, SECRET_KEY_FALLBACKS }) => {
      const loaded = loadConfig({
        SECRET_KEY,
        SECRET_KEY_FALLBACKS: SECRET_KEY_FALLBACKS?.join(),
        SECRET_KEY_SOURCE: 'file:/srv/key',
      })
      const text = loaded.ok ? '' : loaded.faults.join('\n')
      for (const key of [SECRET_KEY, ...(SECRET_KEY_FALLBACKS ?? [])]) {
        if (key !== undefined) expect(text).not.toContain(key)
      }
    }),
    { numRuns: 300 },
  )
})

test.each(noKeys)(
  '0.7: %j is no key: not in a key file, nor in SECRET_KEY, nor in SECRET_KEY_FILE',
  async (text) => {
    await writeFile(path, text, { mode: 0o600 })

    expect(await keyFaultOf({ SECRET_KEY_SOURCE: `file:${path}` })).toMatch(
      /secret_key\.txt holds a key that /,
    )
    expect(await keyFaultOf({ SECRET_KEY: text })).toMatch(/^SECRET_KEY: /)
    expect(await keyFaultOf({ SECRET_KEY_FILE: path })).toMatch(/^SECRET_KEY_FILE: /)
  },
)

test('0.7: a key file without a byte is refused, and none is made in its place', async () => {
  await writeFile(path, '', { mode: 0o600 })

  expect(await keyFaultOf({ SECRET_KEY_SOURCE: `file:${path}` })).toMatch(/secret_key\.txt .*is empty/)
  expect(await keyFaultOf({ SECRET_KEY_FILE: path })).toMatch(/^SECRET_KEY_FILE: is empty/)
})

test('0.7: no fault of a key quotes it, wherever the key stands', async () => {
  await fc.assert(
    fc.asyncProperty(shortSecret, async (text) => {
      await writeFile(path, text, { mode: 0o600 })
      for (const environment of [
        { SECRET_KEY: text },
        { SECRET_KEY_FILE: path },
        { SECRET_KEY_SOURCE: `file:${path}` },
      ]) {
        expect(await keyFaultOf(environment)).not.toContain(text)
      }
    }),
    { numRuns: 200 },
  )
})
