import { expect, test } from 'vitest'
import type { Reply } from './answering-server.ts'
import { codeSentView, signedInView } from './code-sent-view.ts'
import { openPage } from './open-page.ts'

const anonymous: Reply = { status: 200, body: { state: 'anonymous' } }
const ended: Reply = {
  status: 401,
  body: { code: 'not_signed_in', reason: 'ended_by_operator', reference: 'HF-7K3M-9QXP' },
}

test.each([
  ['signed in', signedInView],
  ['on the way', codeSentView()],
])(
  'a page that was %s and finds itself anonymous asks why, and says it with the reference',
  async (_, view) => {
    const replies: Record<string, Reply> = {
      'GET /auth/session': { status: 200, body: view },
      'GET /auth/sessions': ended,
    }
    const page = await openPage(replies)
    replies['GET /auth/session'] = anonymous
    await page.signIn.look()

    expect(page.signIn.standing.step).toBe('address')
    expect(page.signIn.standing.rejected).toEqual({
      reason: 'ended_by_operator',
      reference: 'HF-7K3M-9QXP',
      wasSignedIn: view.state === 'signed_in',
    })
    expect(page.signIn.standing.news).toBeNull()
  },
)

test('a page that is told no reason still says that it is over', async () => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': { status: 200, body: signedInView },
    'GET /auth/sessions': 'drop',
  }
  const page = await openPage(replies)
  replies['GET /auth/session'] = anonymous
  await page.signIn.look()

  expect(page.signIn.standing.rejected).toBeNull()
  expect(page.signIn.standing.news).toBe('news.wereSignedOut')
})

test('a visitor who has had nothing is not asked about', async () => {
  const page = await openPage({ 'GET /auth/session': anonymous, 'GET /auth/sessions': ended })
  await page.signIn.look()

  expect(page.signIn.standing.rejected).toBeNull()
  expect(page.count('GET /auth/session')).toBe(2)
  expect(page.count('GET /auth/sessions')).toBe(0)
})

test('the reason goes once another code is on its way', async () => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': { status: 200, body: signedInView },
    'GET /auth/sessions': ended,
    'POST /auth/otp/send': { status: 202, body: codeSentView() },
  }
  const page = await openPage(replies)
  replies['GET /auth/session'] = anonymous
  await page.signIn.look()
  await page.signIn.send()

  expect(page.signIn.standing.step).toBe('code')
  expect(page.signIn.standing.rejected).toBeNull()
})

const used: Reply = {
  status: 409,
  body: { code: 'verification_session_not_found', reason: 'verification_used' },
}

test('a code that has signed in already, by a try whose answer was lost and whose cookie came, signs in', async () => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': { status: 200, body: codeSentView() },
    'POST /auth/otp/verify': used,
  }
  const { signIn, led } = await openPage(replies)
  replies['GET /auth/session'] = { status: 200, body: signedInView }
  signIn.typed.code = '123456'
  await signIn.verify()

  expect([signIn.standing.step, signIn.standing.problem]).toEqual(['signed_in', null])
  expect(led).toEqual(['after a sign-in'])
})

test('a code that was used elsewhere is refused as such', async () => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': { status: 200, body: codeSentView() },
    'POST /auth/otp/verify': used,
  }
  const { signIn } = await openPage(replies)
  replies['GET /auth/session'] = anonymous
  signIn.typed.code = '123456'
  await signIn.verify()

  expect([signIn.standing.step, signIn.standing.problem?.code]).toEqual([
    'address',
    'verification_session_not_found',
  ])
})
