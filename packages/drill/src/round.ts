import { setTimeout } from 'node:timers/promises'
import { faults } from './faults/all-faults.ts'
import { type Journey, journeys } from './journey.ts'
import { LostPersonError } from './lost-person-error.ts'
import { isOfClock } from './matrix-names.ts'
import { Person } from './person.ts'
import type { PersonPlan, RoundPlan } from './plan.ts'
import type { Site } from './site.ts'

interface Traveller {
  plan: PersonPlan
  person: Person
  journey: Journey
  /** Why this one could not be followed further. */
  lostBecause?: string
}

/**
 * One round at a site: everybody gets to what is to be under way, the fault strikes while they go on, and once it
 * is over each one is followed to the end.
 */
export async function runRound(site: Site, round: RoundPlan): Promise<Person[]> {
  const { history } = site
  site.beginRound()
  const travellers = round.people.map((plan): Traveller => {
    const person = new Person(site, plan.name)
    const { row, variation } = plan
    history.add({ kind: 'journey-begins', who: plan.name, row, column: round.column })
    const journey = journeys[row]({ site, person, column: round.column, variation })
    return { plan, person, journey }
  })

  await everybody(travellers, ({ journey }) => journey.reach())
  await everybody(travellers, ({ journey }) => journey.brink?.())
  await beginRotation(site, round)
  let answered = 0
  const struck = Promise.withResolvers<void>()
  const going = everybody(travellers, async ({ plan, journey }) => {
    await setTimeout(plan.delayMs)
    await journey.underFault()
    answered += 1
    if (answered > round.strike.afterAnswers) struck.resolve()
  })
  // What goes wrong there is told at its end; until then the fault has to be undone.
  going.catch(() => {})
  await setTimeout(round.strike.delayMs)
  if (round.strike.afterAnswers > 0) await Promise.race([struck.promise, going])
  history.add({ kind: 'fault-begins', fault: round.column })
  await faults[round.column](site, round.strike)
  history.add({ kind: 'fault-ends', fault: round.column })
  await going
  await everybody(travellers, ({ journey }) => journey.finish())
  await site.listKeys()

  for (const { plan, lostBecause } of travellers) {
    if (lostBecause === undefined) history.add({ kind: 'journey-ends', who: plan.name })
    else history.add({ kind: 'journey-lost', who: plan.name, because: lostBecause })
  }
  return travellers.map(({ person }) => person)
}

/** The command is under way when the fault strikes; a key that is made on a wrong clock is another story. */
async function beginRotation(site: Site, { people, column }: RoundPlan): Promise<void> {
  if (!people.some(({ row }) => row === 'rotation')) return
  const staged = site.stageKey()
  staged.catch(() => {})
  if (isOfClock(column)) await staged
}

/** Takes the next step with everybody who is not lost yet. */
async function everybody(
  travellers: readonly Traveller[],
  step: (traveller: Traveller) => Promise<void> | undefined,
): Promise<void> {
  await Promise.all(
    travellers
      .filter(({ lostBecause }) => lostBecause === undefined)
      .map(async (traveller) => {
        try {
          await step(traveller)
        } catch (error) {
          if (!(error instanceof LostPersonError)) throw error
          traveller.lostBecause = error.message
        }
      }),
  )
}
