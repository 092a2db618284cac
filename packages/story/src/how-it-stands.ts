import type { Story } from './read-story.ts'
import type { Standing, StandingOptions } from './standing.ts'
import { standingByLedger } from './standing-by-ledger.ts'
import { standingOfSignIn } from './standing-of-sign-in.ts'
import { standingOfVerification } from './standing-of-verification.ts'

export function howItStands(story: Story, options: StandingOptions): Standing {
  if (story.signIn !== undefined) return standingOfSignIn(story, story.signIn, options)
  const { verification } = story
  const isUnderWay = verification !== undefined && verification.state !== 'verified'
  return isUnderWay ? standingOfVerification(story, verification, options) : standingByLedger(story)
}
