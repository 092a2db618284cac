import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { columnTitles, rowTitles } from '../src/matrix-names.ts'

const read = (path: string) => readFile(new URL(`../../../${path}`, import.meta.url), 'utf8')

/** The cells of each table row that begins with one of the matrix's row titles. */
function rowsOf(markdown: string): Map<string, string[]> {
  const titles: string[] = Object.values(rowTitles)
  const rows = markdown
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.slice(2, -2).split(' | '))
  return new Map(
    rows.filter(([title = '']) => titles.includes(title)).map(([title = '', ...cells]) => [title, cells]),
  )
}

test('docs/survival.md has a cell for whatever can be under way and whatever can happen, and in each one all held', async () => {
  const document = await read('docs/survival.md')
  const rows = rowsOf(document)
  expect([...rows.keys()]).toEqual(Object.values(rowTitles))
  for (const title of Object.values(columnTitles)) expect(document).toContain(` ${title} |`)
  for (const cells of rows.values()) {
    expect(cells).toHaveLength(Object.keys(columnTitles).length + 1)
    for (const cell of cells) expect(cell).toMatch(/^(\d+)\/\1$/)
  }
})

test('the README says what docs/survival.md says', async () => {
  const survival = rowsOf(await read('docs/survival.md'))
  const readme = rowsOf(await read('README.md'))
  for (const title of Object.values(rowTitles)) {
    expect([title, readme.get(title)?.at(-1)]).toEqual([title, survival.get(title)?.at(-1)])
  }
})
