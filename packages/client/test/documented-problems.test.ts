import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { reasons, refusalCodes } from '../src/index.ts'

// The server is held to the same page by a test of its own: so the two lists are one without an import.
const documentation = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8')
const [, section = ''] = documentation.split('\n## Problems\n')

test('the client knows every code that docs/api.md names, and no other', () => {
  const documented = [...section.matchAll(/`([a-z_]+)` \|? ?\d{3}\b/g)].map(([, code]) => code)

  expect(documented.sort()).toEqual([...refusalCodes].sort())
})

test('the client knows every reason that docs/api.md names, and no other', () => {
  const [paragraph = ''] = /^`reason` is one of .*?\n\n/ms.exec(section) ?? []
  const named = [...paragraph.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name).slice(1)

  expect(named).toEqual(reasons)
})
