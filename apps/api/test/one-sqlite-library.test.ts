import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { startApp } from './running-app.ts'

test('0.17: one SQLite library is in the process, and it is that of Node', async () => {
  await using app = await startApp()
  await app.newBrowser().signIn(app, 'ada@example.com')
  const report = process.report.getReport() as unknown as { sharedObjects: string[] }
  const required = Object.keys(createRequire(import.meta.url).cache)

  const { moduleLoadList } = process as unknown as { moduleLoadList: string[] }
  expect(moduleLoadList).toContain('NativeModule sqlite')
  expect(
    [...report.sharedObjects, ...required].filter((path) => /sqlite[^/]*\.(node|so|dylib)/i.test(path)),
  ).toEqual([])
  expect(required.filter((path) => path.includes('better-sqlite3'))).toEqual([])
})
