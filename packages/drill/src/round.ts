import { setTimeout } from 'node:timers/promises'
import { faults } from './faults/all-faults.ts'
import { type Journey, journeys } from './journey.ts'
import { LostPersonError } from './lost-person-error.ts'
import { type ColumnName, isBlow, isOfClock, isOfMail, isSilence } from './matrix-names.ts'
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
  let isOver = false
  const travellers = round.people.map((plan): Traveller => {
    const person = new Person(site, plan.name)
    const { row, variation } = plan
    history.add({ kind: 'journey-begins', who: plan.name, row, column: round.column })
    const journey = journeys[row]({ site, person, column: round.column, variation, isOver: () => isOver })
    return { plan, person, journey }
  })

  await everybody(travellers, ({ journey }) => journey.reach())
  await everybody(travellers, ({ journey }) => journey.brink?.())
  await beginRotation(site, round)
  await strike(site, round, travellers)
  isOver = true
  await everybody(travellers, ({ journey }) => journey.finish())
  await site.listKeys()

  for (const { plan, lostBecause } of travellers) {
    if (lostBecause === undefined) history.add({ kind: 'journey-ends', who: plan.name })
    else history.add({ kind: 'journey-lost', who: plan.name, because: lostBecause })
  }
  return travellers.map(({ person }) => person)
}

/**
 * A blow comes after so many answers to what everybody has asked. Of what lasts, half of the people have just asked
 * something when it begins, and the others ask while it is there.
 */
async function strike(
  site: Site,
  { column, strike }: RoundPlan,
  travellers: readonly Traveller[],
): Promise<void> {
  const { history } = site
  let answered = 0
  const enoughAnswered = Promise.withResolvers<void>()
  const goOne = async ({ plan, journey }: Traveller) => {
    await setTimeout(plan.delayMs)
    await journey.underFault()
    answered += 1
    if (answered >= strike.afterAnswers) enoughAnswered.resolve()
  }
  const early = travellers.filter(
    ({ plan }) => isBlow(column) || (plan.variation % 4 < 2 && !isOfMail(column)),
  )
  const late = travellers.filter((traveller) => !early.includes(traveller))
  const going = everybody(early, goOne)
  // What goes wrong there is told at its end; until then the fault has to be undone.
  going.catch(() => {})
  if (isBlow(column)) await Promise.race([enoughAnswered.promise, going])
  await setTimeout(strike.delayMs)

  history.add({ kind: 'fault-begins', fault: column })
  const undo = await faults[column](site, strike)
  const met: Promise<void>[] = []
  const goingLate = everybody(late, async (traveller) => {
    const gone = goOne(traveller)
    const over = gone.catch(() => {})
    met.push(Promise.race([traveller.person.nextAnswer(), over]))
    await gone
  })
  goingLate.catch(() => {})
  if (!isBlow(column)) await setTimeout(strike.holdMs)
  // Everybody has had an answer under the fault, or had nothing to ask.
  if (!isSilence(column)) await Promise.all(met)
  await site.metByMail(meetingsOf(column, travellers))
  await undo()
  history.add({ kind: 'fault-ends', fault: column })
  await Promise.all([going, goingLate])
}

/** How often the mail server's fault is to be met: so often that one mail at least meets a cut line twice. */
function meetingsOf(column: ColumnName, travellers: readonly Traveller[]): number {
  const mails = travellers.filter(({ plan }) => plan.row === 'mail-queued').length
  if (mails === 0 || !isOfMail(column) || column === 'mail-refused') return 0
  return column === 'mail-cut' ? mails + 1 : 1
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
