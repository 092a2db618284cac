import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { keyServices, keyVariables } from '../src/key-variables.ts'
import { sessionVariables } from '../src/session-variables.ts'
import { storeVariables } from '../src/store-variables.ts'

const variables = { ...keyVariables, ...storeVariables, ...sessionVariables }
type Name = keyof typeof variables

const text = { good: ['x', '/srv/a b', 'ü'], bad: [] }
const number = (least: number, most: number) => ({
  good: [String(least), String(most)],
  bad: [String(least - 1), String(most + 1), '', ' 1', '1 ', '1.5', '-1', '+1', '1e3', '0x10', 'x', '١'],
})
const yearInSeconds = 31_536_000

const cases: Record<Name, { good: readonly string[]; bad: readonly string[] }> = {
  DATA_DIR: text,
  SECRET_KEY: text,
  SECRET_KEY_FILE: text,
  SECRET_KEY_FALLBACKS: text,
  SECRET_KEY_FALLBACKS_FILE: text,
  SECRET_KEY_SOURCE: {
    good: [
      'env:',
      'file:/srv/key',
      'file:a b.txt',
      'file:C:\\key',
      ...keyServices.flatMap((service) => [`${service}:`, `${service}:/srv/ring.json`]),
    ],
    bad: [
      '',
      'env',
      'env:SECRET_KEY',
      'file:',
      'File:/a',
      '/srv/key',
      ' file:/a',
      'http://key.example',
      'aws-kms',
      'aws:',
      'azure:',
      'gcp:',
      'hashicorp:',
      'vault-transit:',
      'vault:/a\nfile:/b',
    ],
  },
  KEY_RELOAD_SECONDS: number(1, 3600),
  KEY_SERVICE_WAIT_SECONDS: number(1, 600),
  STORE_URL: {
    good: ['sqlite:/srv/holdfast.db', 'sqlite:a.db'],
    bad: [
      '',
      'sqlite:',
      'SQLITE:/a',
      'postgres://db/holdfast',
      '/srv/holdfast.db',
      'file:a.db',
      ' sqlite:/a',
    ],
  },
  SESSION_STORE_URL: {
    good: ['sqlite:/srv/holdfast.db'],
    bad: ['redis://cache:6379', 'sqlite:', 'postgres://db/holdfast'],
  },
  SESSION_IDLE_SECONDS: number(1, yearInSeconds),
  SESSION_ABSOLUTE_SECONDS: number(1, yearInSeconds),
}

const rowsOf = (kind: 'good' | 'bad') =>
  Object.entries(cases).flatMap(([name, row]) => row[kind].map((value) => [name as Name, value] as const))

test('every variable has its cases here', () => {
  expect(Object.keys(cases).sort()).toEqual(Object.keys(variables).sort())
})

test.each(rowsOf('good'))('%s takes %j', (name, value) => {
  const parsed = variables[name].safeParse(value)

  expect(parsed.success).toBe(true)
  expect(String(parsed.data)).toBe(value)
})

test.each(rowsOf('bad'))('%s refuses %j with a message that is the same for every value', (name, value) => {
  const messagesFor = (text: string) =>
    variables[name].safeParse(text).error?.issues.map(({ message }) => message)

  // What does not depend on the value cannot quote it, and it may be a secret that is in the wrong variable.
  expect(messagesFor(value)).toEqual(messagesFor('\0'))
  expect(messagesFor(value)).toEqual([expect.stringMatching(/^expected .{10,}/)])
})

test.each([
  ['DATA_DIR', './data'],
  ['KEY_RELOAD_SECONDS', 30],
  ['KEY_SERVICE_WAIT_SECONDS', 60],
  ['SESSION_IDLE_SECONDS', 604_800],
  ['SESSION_ABSOLUTE_SECONDS', 2_592_000],
])('%s is %j when nothing is set, and the variables without a default are not set', (name, value) => {
  const parsed = z.object(variables).parse({})

  expect(parsed).toHaveProperty(name, value)
  expect(Object.values(parsed)).toHaveLength(5)
})

test.each(Object.entries(variables))(
  '%s has a description, from which the README takes its row',
  async (name, schema) => {
    const readme = await readFile(join(import.meta.dirname, '../../../README.md'), 'utf8')
    const [row = ''] = readme.match(new RegExp(`^\\| \`${name}\` \\|.*$`, 'm')) ?? []
    const [meaning = ''] = schema.description?.split('; default') ?? []

    expect(meaning.length).toBeGreaterThan(5)
    expect(row).toContain(meaning)
  },
)
