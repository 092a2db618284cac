import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { storePathOf } from '../src/store-variables.ts'

test.each([
  ['the data folder when nothing is set', { DATA_DIR: '/srv/data' }, '/srv/data/holdfast.db'],
  [
    'the path of STORE_URL, whatever DATA_DIR is',
    { DATA_DIR: '/srv', STORE_URL: 'sqlite:/a/b.db' },
    '/a/b.db',
  ],
  ['absolute for a relative DATA_DIR', { DATA_DIR: './data' }, resolve('data/holdfast.db')],
  ['absolute for a relative STORE_URL', { DATA_DIR: '/srv', STORE_URL: 'sqlite:a.db' }, resolve('a.db')],
  [
    'as it is where it has a colon or a space',
    { DATA_DIR: '/srv', STORE_URL: 'sqlite:/a b/c:d.db' },
    '/a b/c:d.db',
  ],
])('the store is at %s', (_name, variables, path) => {
  expect(storePathOf(variables)).toBe(path)
})
