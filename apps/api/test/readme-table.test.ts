import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverVariables } from '@holdfast/settings'
import { expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'

interface Row {
  name: string
  /** The cell as it is written. */
  written: string
  meaning: string
}

const readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
const rows: Row[] = [...readme.matchAll(/^\| `([A-Z][A-Z_]+)` \| (.*?) \| (.*?) \|$/gm)].map(
  ([, name = '', written = '', meaning = '']) => ({ name, written, meaning }),
)

/** What stands for a default that is made of other variables. */
const derived: Record<string, string> = {
  HOST: '`127.0.0.1`, in production `0.0.0.0`',
  PUBLIC_ORIGIN: '`http://localhost:PORT`',
  STORE_URL: '`sqlite:DATA_DIR/holdfast.db`',
  SESSION_STORE_URL: 'as `STORE_URL`',
  SECRET_KEY_SOURCE: '`file:DATA_DIR/secret_key.txt`',
  MAIL_FROM: '`holdfast@` and the host of `PUBLIC_ORIGIN`',
  LOG_FORMAT: 'pretty on a terminal, else `json`',
}

test('the README lists exactly the variables of the schema, in its order', () => {
  expect(rows.map(({ name }) => name)).toEqual(Object.keys(serverVariables.shape))
})

test.each(Object.entries(serverVariables.shape))(
  'the README gives %s its default and a meaning',
  (name, schema) => {
    const row = rows.find((candidate) => candidate.name === name)
    const value = schema.safeParse(undefined).data
    const isNothing = value === undefined || (Array.isArray(value) && value.length === 0)

    expect(row?.written).toBe(isNothing ? (derived[name] ?? '-') : `\`${String(value)}\``)
    expect(row?.meaning.length).toBeGreaterThan(5)
  },
)

test('the defaults that are made of other variables are made as the README says', () => {
  const loaded = loadConfig({ DATA_DIR: '/data-dir' })

  expect(loaded).toMatchObject({
    ok: true,
    config: {
      HOST: '127.0.0.1',
      storePath: '/data-dir/holdfast.db',
      keySource: { kind: 'path', path: '/data-dir/secret_key.txt' },
    },
  })
})
