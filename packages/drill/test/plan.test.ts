import fc from 'fast-check'
import { expect, test } from 'vitest'
import { columnNames, rowNames } from '../src/matrix-names.ts'
import { createPlan, type PlanOptions } from '../src/plan.ts'

const size = {
  people: 364,
  rows: rowNames,
  columns: columnNames,
  sites: [1, 2, 3],
  hold: { least: 1_000, most: 2_000 },
}

const passes = fc.constantFrom<PlanOptions['passes']>('share', 1, 2)

test('the same seed gives the same plan, down to the last delay', () => {
  fc.assert(
    fc.property(fc.nat(), passes, (seed, times) => {
      const options = { ...size, seed, passes: times }
      expect(createPlan(options)).toEqual(createPlan(options))
    }),
  )
})

test('another seed gives another plan', () => {
  const plans = Array.from({ length: 20 }, (_, seed) =>
    JSON.stringify(createPlan({ ...size, seed, passes: 1 }).sites),
  )
  expect(new Set(plans).size).toBe(20)
})

test('whatever the seed, every row meets every column, with no fewer people than were asked for', () => {
  fc.assert(
    fc.property(fc.nat(), passes, (seed, times) => {
      const { sites } = createPlan({ ...size, seed, passes: times })
      const rounds = sites.flatMap((site) => site.rounds)
      for (const column of columnNames) {
        const met = rounds.filter((round) => round.column === column)
        expect(met).toHaveLength(times === 'share' ? 1 : times * 3)
        for (const { people } of met) expect(new Set(people.map(({ row }) => row))).toEqual(new Set(rowNames))
      }
      expect(rounds.flatMap(({ people }) => people).length).toBeGreaterThanOrEqual(364)
    }),
  )
})

test('whatever the seed, a fault strikes processes that there are, and nobody has the name of another', () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const { sites } = createPlan({ ...size, seed, passes: 2 })
      for (const { processes, rounds } of sites) {
        for (const { strike } of rounds) {
          expect(strike.victims.length).toBeGreaterThan(0)
          expect(new Set(strike.victims).size).toBe(strike.victims.length)
          for (const slot of strike.victims) expect(slot).toBeLessThan(processes)
        }
      }
      const names = sites.flatMap(({ rounds }) =>
        rounds.flatMap(({ people }) => people.map(({ name }) => name)),
      )
      expect(new Set(names).size).toBe(names.length)
    }),
  )
})

test.each<[string, Partial<PlanOptions>]>([
  ['row', { rows: [] }],
  ['column', { columns: [] }],
  ['site', { sites: [] }],
])('a plan without a %s is refused, as it would find nothing', (_, lack) => {
  expect(() => createPlan({ ...size, seed: 1, passes: 1, ...lack })).toThrow(RangeError)
})
