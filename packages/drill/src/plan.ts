import { type ColumnName, type RowName, rowNames } from './matrix-names.ts'
import { Random } from './random.ts'

export interface PlanOptions {
  seed: number
  /** People in all, as near as the rows and rounds divide. */
  people: number
  rows: readonly RowName[]
  columns: readonly ColumnName[]
  /** How many server processes each site has: that many sites are struck side by side. */
  sites: readonly number[]
  /** How often each site meets each column; `share` deals the columns out among the sites instead. */
  passes: number | 'share'
  /** How long a fault that lasts may last, in milliseconds. */
  hold: { least: number; most: number }
}

/** One person: on which journey, and when within the fault the next step is taken. */
export interface PersonPlan {
  name: string
  row: RowName
  /** Which of the row's variations: 0, 1, 2 ... within the row. */
  variation: number
  delayMs: number
}

/** How a fault strikes: a blow after so many answers to what is in flight, and that much later; how long it lasts. */
export interface StrikePlan {
  afterAnswers: number
  delayMs: number
  holdMs: number
  /** Which of the server processes, by number. */
  victims: number[]
}

export interface RoundPlan {
  number: number
  column: ColumnName
  people: PersonPlan[]
  strike: StrikePlan
}

export interface SitePlan {
  name: string
  processes: number
  rounds: RoundPlan[]
}

export interface Plan {
  seed: number
  sites: SitePlan[]
}

/**
 * Everything that is left to chance, decided beforehand: the same seed gives the same plan.
 *
 * @throws {RangeError} when nothing would happen, and nothing be found
 */
export function createPlan(options: PlanOptions): Plan {
  const random = new Random(options.seed)
  const columnsOfSites = dealColumns(random, options)
  const rounds = columnsOfSites.flat().length
  if (rounds === 0 || options.rows.length === 0) {
    throw new RangeError('expected a row and a column to drill, found none')
  }
  const perRow = Math.max(1, Math.ceil(options.people / rounds / options.rows.length))
  const sites = options.sites.map((processes, at) => {
    const name = `site-${at + 1}`
    const columns = columnsOfSites[at] ?? []
    return {
      name,
      processes,
      rounds: columns.map((column, index) =>
        planRound(random, options, { name, processes, column, index, perRow }),
      ),
    }
  })
  return { seed: options.seed, sites }
}

function dealColumns(random: Random, { columns, sites, passes }: PlanOptions): ColumnName[][] {
  if (passes !== 'share') {
    return sites.map(() => Array.from({ length: passes }, () => random.shuffled(columns)).flat())
  }
  const drawn = random.shuffled(columns)
  return sites.map((_, at) => drawn.filter((_column, index) => index % sites.length === at))
}

function planRound(
  random: Random,
  options: PlanOptions,
  round: { name: string; processes: number; column: ColumnName; index: number; perRow: number },
): RoundPlan {
  const { name, processes, column, index, perRow } = round
  const people = rowNames
    .filter((row) => options.rows.includes(row))
    .flatMap((row) =>
      Array.from({ length: perRow }, (_, variation) => ({
        name: `${name}-round-${index + 1}-${row}-${variation + 1}`,
        row,
        variation,
        delayMs: random.between(0, 20),
      })),
    )
  const slots = random.shuffled(Array.from({ length: processes }, (_, slot) => slot))
  return {
    number: index + 1,
    column,
    people,
    strike: {
      afterAnswers: random.between(1, Math.ceil(people.length / 2)),
      delayMs: random.between(0, 10),
      holdMs: random.between(options.hold.least, options.hold.most),
      victims: slots.slice(0, random.between(1, processes)),
    },
  }
}
