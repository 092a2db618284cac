import { wholeNumber } from './whole-number.ts'

const dayInSeconds = 86_400

/** How long a sign-in lives. */
export const sessionVariables = {
  SESSION_IDLE_SECONDS: wholeNumber(1, 365 * dayInSeconds)
    .prefault(String(7 * dayInSeconds))
    .describe('a sign-in ends when it was not used for so long'),
  SESSION_ABSOLUTE_SECONDS: wholeNumber(1, 365 * dayInSeconds)
    .prefault(String(30 * dayInSeconds))
    .describe('a sign-in ends after so long in any case'),
}
