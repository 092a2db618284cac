import { expect, test } from 'vitest'
import type { Reply } from './answering-server.ts'
import { codeSentView, signedInView } from './code-sent-view.ts'
import { eventually } from './eventually.ts'
import { openPage } from './open-page.ts'

const codeSent: Reply = { status: 202, body: codeSentView() }
const signedIn: Reply = { status: 200, body: signedInView }
const anonymous: Reply = { status: 200, body: { state: 'anonymous' } }
const outOfService: Reply = { status: 503, body: { code: 'store_unavailable' } }

test('a code whose answer was lost is sent again until it is answered, and stays on the page', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': 'drop' }
  const { signIn } = await openPage(replies)
  signIn.enterCode('123456')
  await eventually(() => expect(signIn.outage?.code).toBe('unreachable'))
  expect([signIn.typed.code, signIn.busyWith, signIn.standing.problem]).toEqual(['123456', 'verify', null])
  replies['POST /auth/otp/verify'] = signedIn
  await eventually(() => expect(signIn.standing.step).toBe('signed_in'))
  expect([signIn.outage, signIn.standing.problem]).toEqual([null, null])
})

test('a store that is out of service is waited for like a server that is away', async () => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': codeSent,
    'POST /auth/otp/verify': outOfService,
  }
  const { signIn } = await openPage(replies)
  signIn.enterCode('123456')
  await eventually(() => expect(signIn.outage?.code).toBe('store_unavailable'))
  replies['POST /auth/otp/verify'] = signedIn
  await eventually(() => expect(signIn.standing.step).toBe('signed_in'))
})

test('an address that could not be sent is kept and sent, once, by itself', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': anonymous, 'POST /auth/otp/send': 'drop' }
  const { signIn } = await openPage(replies)
  signIn.enterAddress('ada@example.com')
  void signIn.send()
  await eventually(() => expect(signIn.outage?.code).toBe('unreachable'))
  void signIn.send()
  expect([signIn.standing.step, signIn.typed.email, signIn.busyWith]).toEqual([
    'address',
    'ada@example.com',
    'send',
  ])
  replies['POST /auth/otp/send'] = codeSent
  await eventually(() => expect([signIn.standing.step, signIn.outage]).toEqual(['code', null]))
})

test('an address that is changed while it waits is not sent as it was', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': anonymous, 'POST /auth/otp/send': 'drop' }
  const { signIn, count } = await openPage(replies)
  signIn.enterAddress('ada@exmaple.com')
  void signIn.send()
  await eventually(() => expect(signIn.outage).not.toBeNull())
  signIn.enterAddress('ada@example.com')
  await eventually(() => expect([signIn.outage, signIn.busyWith]).toEqual([null, null]))
  const sent = count('POST /auth/otp/send')
  replies['POST /auth/otp/send'] = codeSent
  await signIn.send()
  expect([signIn.standing.step, count('POST /auth/otp/send')]).toEqual(['code', sent + 1])
})

test('in an outage somebody may still think better of it, and what was under way is dropped', async () => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': codeSent,
    'POST /auth/otp/verify': 'drop',
    'DELETE /auth/otp': { status: 204 },
  }
  const { signIn, count } = await openPage(replies)
  signIn.enterCode('123456')
  await eventually(() => expect(signIn.outage).not.toBeNull())
  replies['GET /auth/session'] = anonymous
  await signIn.useAnotherAddress()
  expect([signIn.standing.step, signIn.busyWith, signIn.outage]).toEqual(['address', null, null])
  const tried = count('POST /auth/otp/verify')
  await signIn.look()
  expect(count('POST /auth/otp/verify')).toBe(tried)
})

test('a first look that fails behind the back of the person is no outage yet, and no look signs anybody out', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': signedIn }
  const { signIn, timesWaited } = await openPage(replies, { waitInMs: 600_000 })
  replies['GET /auth/session'] = 'drop'
  const looked = signIn.look()
  await eventually(() => expect(timesWaited()).toBe(1))
  expect(signIn.outage).toBeNull()

  signIn.tryNow()
  await eventually(() => expect(timesWaited()).toBe(2))
  expect([signIn.standing.step, signIn.standing.problem, signIn.outage?.code]).toEqual([
    'signed_in',
    null,
    'unreachable',
  ])

  replies['GET /auth/session'] = signedIn
  signIn.tryNow()
  await looked
  expect([signIn.standing.step, signIn.outage, signIn.standing.news]).toEqual([
    'signed_in',
    null,
    'news.reconnected',
  ])
})

test('other tabs are told of what changes the session, and of nothing else', async () => {
  const replies = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn }
  const { signIn, timesTold } = await openPage(replies)
  await signIn.look()
  expect(timesTold()).toBe(0)
  signIn.enterCode('123456')
  await eventually(() => expect(signIn.standing.step).toBe('signed_in'))
  expect(timesTold()).toBe(1)
})

test('a change that is told of while an older answer is on its way is looked for once that has come', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent }
  const { signIn, count } = await openPage(replies)
  const { promise: late, resolve: answer } = Promise.withResolvers<void>()
  replies['GET /auth/session'] = { ...codeSent, waitFor: late }
  const looked = signIn.look()
  await eventually(() => expect(count('GET /auth/session')).toBe(2))
  replies['GET /auth/session'] = signedIn
  await signIn.look()
  expect(count('GET /auth/session')).toBe(2)

  answer()
  await looked
  await eventually(() => expect(signIn.standing.step).toBe('signed_in'))
  expect(count('GET /auth/session')).toBe(3)
})
