import { codeSent, notSignedIn, problem, signedIn } from '../staged-page.ts'
import { cancel, logout, type PageScene, resend, send, tryCode } from './page-scene.ts'

/** What a code, or a sign-in, comes to. */
export const endScenes: readonly PageScene[] = [
  {
    name: 'expired',
    presses: resend,
    heading: 'expired.heading',
    says: 'code.resend',
    play: (staged) => staged.find(codeSent({}, 700)),
  },
  {
    name: 'expired-last',
    presses: cancel,
    heading: 'expired.heading',
    says: 'exhausted.again',
    async play(staged) {
      await staged.find(codeSent({ sends: 5 }, 700))
      staged.answer(resend, problem(410, 'code_expired'))
      await staged.page.locator('button.primary').click()
      await staged.page.locator('form:has([value=resend])').waitFor({ state: 'detached' })
    },
  },
  {
    name: 'tries-spent',
    presses: cancel,
    heading: 'exhausted.heading',
    says: 'exhausted.again',
    play: tryCode(problem(429, 'too_many_attempts', { attemptsLeft: 0 }), { attemptsLeft: 1 }),
  },
  {
    name: 'begun-anew-elsewhere',
    presses: send,
    says: 'over.otherTab',
    play: tryCode(problem(409, 'verification_session_not_found', { reason: 'verification_cancelled' })),
  },
  {
    name: 'session-lost',
    presses: send,
    says: 'over.ourFault',
    async play(staged) {
      await staged.find(codeSent())
      staged.answer(
        'GET /auth/sessions',
        problem(401, 'not_signed_in', { reason: 'store_replaced', reference: undefined }),
      )
      await staged.find({ state: 'anonymous' })
    },
  },
  {
    name: 'signed-in',
    presses: logout,
    heading: 'signedIn.heading',
    play: (staged) => staged.find(signedIn),
  },
  {
    name: 'signed-out-elsewhere',
    presses: send,
    says: 'over.signedOut',
    async play(staged) {
      await staged.find(signedIn)
      staged.answer('GET /auth/sessions', notSignedIn('ended_by_user'))
      await staged.find({ state: 'anonymous' })
    },
  },
  {
    name: 'signed-out',
    presses: send,
    says: 'news.youSignedOut',
    async play(staged) {
      await staged.find(signedIn)
      staged.answer(logout, { status: 204 })
      await staged.page.locator('button[value=logout]').click()
    },
  },
  {
    name: 'signed-in-on-the-way',
    presses: 'GET /auth/return',
    heading: 'signedIn.heading',
    says: 'signedIn.continue',
    async play(staged) {
      await staged.reopen('/?return_to=https%3A%2F%2Fapp.example.com%2F')
      // Where the way ends: the browser is left where it is.
      staged.answer('GET /auth/return', { status: 204 })
      await staged.find(signedIn)
    },
  },
]
