import { expect, test } from 'vitest'
import type { Reply } from './answering-server.ts'
import { codeSentView, signedInView } from './code-sent-view.ts'
import { eventually } from './eventually.ts'
import { openPage } from './open-page.ts'

const codeSent: Reply = { status: 202, body: codeSentView() }
const signedIn: Reply = { status: 200, body: signedInView }
const anonymous: Reply = { status: 200, body: { state: 'anonymous' } }
const wrongCode: Reply = { status: 403, body: { code: 'code_incorrect', attemptsLeft: 4 } }

test('a complete code is tried once by itself, and not again while it is being checked', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const verify = { ...(signedIn as object), waitFor: released } as Reply
  const page = await openPage({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': verify })
  page.signIn.enterCode('12345')
  page.signIn.enterCode('123456')
  page.signIn.enterCode('123456')
  void page.signIn.verify()
  release()
  await eventually(() => expect(page.signIn.standing.step).toBe('signed_in'))
  expect(page.count('POST /auth/otp/verify')).toBe(1)
})

test('a wrong code is not tried again by itself, only when it is changed', async () => {
  const page = await openPage({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': wrongCode })
  page.signIn.enterCode('123456')
  await eventually(() => expect(page.signIn.standing.problem?.code).toBe('code_incorrect'))
  page.signIn.enterCode('123456')
  expect(page.signIn.busyWith).toBeNull()
  page.signIn.enterCode('654321')
  expect(page.signIn.busyWith).toBe('verify')
  expect(page.signIn.standing.verification?.attemptsLeft).toBe(4)
})

test('Enter after a code that was just found wrong costs no try', async () => {
  const page = await openPage({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': wrongCode })
  page.signIn.enterCode('123456')
  await eventually(() => expect(page.signIn.standing.problem?.code).toBe('code_incorrect'))

  await page.signIn.verify()

  expect(page.count('POST /auth/otp/verify')).toBe(1)
})

test('a look that was overtaken by an action does not bring the old step back', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn }
  const page = await openPage(replies)
  replies['GET /auth/session'] = { status: 200, body: codeSentView(), waitFor: released }
  const look = page.signIn.look()
  page.signIn.enterCode('123456')
  await eventually(() => expect(page.signIn.standing.step).toBe('signed_in'))
  release()
  await look
  expect(page.signIn.standing.step).toBe('signed_in')
})

test('cancelling a verification that is already gone leads to the address form without a problem', async () => {
  const gone: Reply = { status: 409, body: { code: 'verification_session_not_found' } }
  const page = await openPage({ 'GET /auth/session': codeSent, 'DELETE /auth/otp': gone })
  await page.signIn.useAnotherAddress()
  expect([page.signIn.standing.step, page.signIn.standing.problem]).toEqual(['address', null])
})

test.each([
  { who: 'one who was signed in before', reply: signedIn, step: 'signed_in' },
  { who: 'anybody else', reply: anonymous, step: 'address' },
])('using another address leads $who to where the session stands', async ({ reply, step }) => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': codeSent,
    'DELETE /auth/otp': { status: 204 },
  }
  const page = await openPage(replies)
  replies['GET /auth/session'] = reply
  await page.signIn.useAnotherAddress()
  expect([page.signIn.standing.step, page.signIn.standing.problem]).toEqual([step, null])
})

test('a person who signs in is led on once, and one who is signed in on arrival as such', async () => {
  const replies = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn }
  const page = await openPage(replies)
  expect(page.led).toEqual([])
  replies['GET /auth/session'] = signedIn
  page.signIn.enterCode('123456')
  await eventually(() => expect(page.signIn.standing.step).toBe('signed_in'))
  await page.signIn.look()
  expect(page.led).toEqual(['after a sign-in'])

  const later = await openPage(replies)
  await later.signIn.look()
  expect(later.led).toEqual(['on arrival'])
})

test.each([
  { isNew: true, busyWith: 'verify' },
  { isNew: false, busyWith: null },
])(
  'a whole code that stood on the page before it came to life is kept, and tried if it is new: $isNew',
  async ({ isNew, busyWith }) => {
    const page = await openPage({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn })
    page.signIn.takeOver({ email: '', code: '123456', isNew })
    page.signIn.begin()
    expect([page.signIn.typed.code, page.signIn.busyWith]).toEqual(['123456', busyWith])
  },
)

test('a part of a code that was typed before the page came to life is not tried', async () => {
  const page = await openPage({ 'GET /auth/session': codeSent })
  page.signIn.takeOver({ email: '', code: '12345', isNew: true })
  page.signIn.begin()
  expect([page.signIn.typed.code, page.signIn.busyWith]).toEqual(['12345', null])
})
