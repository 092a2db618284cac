import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AccountPlay, actions, browserCount, type Round, type Step, slowActions } from './account-play.ts'
import { type RunningApp, startApp } from './running-app.ts'

/*
 * Three browsers of one account do what people and slow networks do, in random order and at once: ask for codes,
 * sign in, sign out here and everywhere, end each other, look; requests whose bodies come late, stale sessions
 * that are written back, new keys and restarts in between. What a client was told has ended stays so.
 */

const browser = fc.nat({ max: browserCount - 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom(...actions), browser, target: browser }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('slow' as const),
      what: fc.constantFrom(...slowActions),
      browser,
      target: browser,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stale' as const), browser }) },
)
const round: fc.Arbitrary<Round> = fc.record({
  together: fc.array(step, { minLength: 1, maxLength: 5 }),
  finishesSlow: fc.boolean(),
})

/** Plays of so many accounts go on at once, as people do: the fsync of one is that of all. */
const lanes = 20
const roundCount = 4
const manyPlays = fc.record({
  plays: fc.array(fc.array(round, { minLength: roundCount, maxLength: roundCount }), {
    minLength: lanes,
    maxLength: lanes,
  }),
  /** What befalls the server after each round. */
  between: fc.array(fc.constantFrom('nothing', 'nothing', 'rotation', 'restart'), {
    minLength: roundCount,
    maxLength: roundCount,
  }),
})

let app: RunningApp
let visitors = 0

beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app[Symbol.asyncDispose]())

test('of 1,000 interleavings none brings back a sign-in that was answered to have ended, and none ends another', async () => {
  const seen = { over: 0, alive: 0 }
  await fc.assert(
    fc.asyncProperty(manyPlays, async ({ plays: rounds, between }) => {
      const plays = rounds.map(() => new AccountPlay(() => app, `visitor-${visitors++}@example.com`))
      await Promise.all(plays.map((play) => play.begin()))
      for (const [index, befalls] of between.entries()) {
        app.advance(1)
        await Promise.all(plays.map((play, lane) => play.play(rounds[lane]?.[index] as Round)))
        if (befalls === 'rotation') await app.rotate()
        if (befalls === 'restart') app = await startApp(await app.leave())
      }
      await Promise.all(plays.map((play) => play.end()))
      for (const { witness } of plays) {
        seen.over += witness.signIns.filter((signIn) => witness.mustBeOver(signIn)).length
        seen.alive += witness.signIns.filter((signIn) => witness.mustLive(signIn)).length
      }
    }),
    { numRuns: 1_000 / lanes, seed: 20_261_125, endOnFailure: true },
  )
  // Plays in which hardly anything ends, or hardly anything lives, would show nothing.
  expect(seen.over).toBeGreaterThan(1_000)
  expect(seen.alive).toBeGreaterThan(200)
  // It takes a minute where nothing else runs.
}, 1_800_000)
