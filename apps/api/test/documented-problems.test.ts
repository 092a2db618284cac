import { readFile } from 'node:fs/promises'
import { reasons } from '@holdfast/core'
import { expect, test } from 'vitest'
import { problems } from '../src/http/problem.ts'

const documentation = await readFile(new URL('../../../docs/api.md', import.meta.url), 'utf8')
const [, section = ''] = documentation.split('\n## Problems\n')

test('docs/api.md names every code that the server answers with, and its status', () => {
  const documented = [...section.matchAll(/`([a-z_]+)` \|? ?(\d{3})\b/g)].map(([, code, status]) => [
    code,
    Number(status),
  ])

  expect(documented.sort()).toEqual(
    Object.entries(problems)
      .map(([code, [status]]) => [code, status])
      .sort(),
  )
})

test('docs/api.md names every reason, as the closed list has them', () => {
  const [paragraph = ''] = /^`reason` is one of .*?\n\n/ms.exec(section) ?? []
  const named = [...paragraph.matchAll(/`([a-z_]+)`/g)].map(([, name]) => name).slice(1)

  expect(named).toEqual(reasons)
})
