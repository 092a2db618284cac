import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { type DrillResult, runDrill } from '../src/run-drill.ts'
import { type Protection, protections, slowRequests } from './protections.ts'

/*
 * A drill that finds nothing is worth as much as its eyes are: each protection of Holdfast is taken out of the
 * running server, and the drill has to notice, by the promise that is broken then.
 */

const replacing = pathToFileURL(join(import.meta.dirname, 'replaced-source.mjs')).href

async function drillWith(protection: Omit<Protection, 'breaks'> & Partial<Protection>): Promise<DrillResult> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-protections-'))
  const list = join(folder, 'replaced.json')
  await writeFile(list, JSON.stringify(protection.replaced))
  try {
    return await runDrill({
      seed: 1,
      people: protection.people ?? 16,
      rows: protection.rows,
      columns: [protection.column],
      sites: [1],
      passes: 1,
      hold: { least: protection.holdMs ?? 1_000, most: protection.holdMs ?? 1_000 },
      // Long for a busy machine; short where somebody who waits in vain is what is to be noticed.
      patienceMs: protection.breaks === 'lost' ? 6_000 : 60_000,
      settings: { NODE_OPTIONS: `--import=${replacing}`, HOLDFAST_DRILL_REPLACED: list },
    })
  } finally {
    await rm(folder, { recursive: true })
  }
}

describe.concurrent('the drill notices that this was taken out:', () => {
  test.each(Object.entries(protections))('%s', async (_, protection) => {
    const { violations } = await drillWith(protection)
    expect([...new Set(violations.map(({ invariant }) => invariant))]).toContain(protection.breaks)
  })
})

test('the drill finds nothing where requests are only slow', async () => {
  const { violations } = await drillWith({
    replaced: [slowRequests],
    rows: ['signed-in', 'signed-out'],
    column: 'key-rotation',
  })
  expect(violations).toEqual([])
})
