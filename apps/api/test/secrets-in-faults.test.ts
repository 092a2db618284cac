import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { keyRingFromEnvironment } from '@holdfast/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { loadConfig, variables } from '../src/config.ts'
import { loadKeyRing } from '../src/key-source.ts'

const secretCharacter = fc.constantFrom(...'ABCDEFGHJKLMNPQRSTUVWXYZ!$%&/=?#~')
/** Long enough that no message says it by accident. */
const secret = fc.string({ unit: secretCharacter, minLength: 8, maxLength: 60 })

test('no fault of the configuration ever quotes what a variable held', () => {
  const environment = fc.record(
    Object.fromEntries(Object.keys(variables.shape).map((name) => [name, secret])),
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

test('0.7: no key is empty, and no fault of a key quotes it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-key-'))
  const path = join(folder, 'secret_key.txt')
  const nowMs = Date.now()
  const shortSecret = fc.string({ unit: secretCharacter, minLength: 8, maxLength: 31 })
  try {
    for (const empty of ['', '\n', ' ', '\ufeff', '\0'.repeat(64), 'a'.repeat(64)]) {
      await writeFile(path, empty, { mode: 0o600 })
      await expect(loadKeyRing({ kind: 'file', path }, { create: true, nowMs })).rejects.toThrow(
        /secret_key\.txt /,
      )
      expect(() => keyRingFromEnvironment(empty, undefined)).toThrow(/SECRET_KEY: /)
    }
    await fc.assert(
      fc.asyncProperty(shortSecret, async (text) => {
        const source = { kind: 'environment', secretKey: text, fallbacks: undefined } as const
        const error = await loadKeyRing(source, { create: false, nowMs }).catch((cause: Error) => cause)
        expect(String((error as Error).message)).toMatch(/^SECRET_KEY: /)
        expect(String((error as Error).message)).not.toContain(text)
      }),
      { numRuns: 300 },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
