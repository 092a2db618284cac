import { createClient } from '@holdfast/client'
import { afterEach, expect, test, vi } from 'vitest'
import { SignIn } from '../src/sign-in.svelte.ts'
import { type Reply, startAnsweringServer } from './answering-server.ts'
import { codeSentView, sentAtMs, signedInView } from './code-sent-view.ts'

const codeSent: Reply = { status: 202, body: codeSentView() }
const signedIn: Reply = { status: 200, body: signedInView }
const anonymous: Reply = { status: 200, body: { state: 'anonymous' } }
const wrongCode: Reply = { status: 403, body: { code: 'code_incorrect', attemptsLeft: 4 } }

let openPage: SignIn | undefined
afterEach(() => openPage?.stop())

async function openSignIn(replies: Record<string, Reply>) {
  const server = await startAnsweringServer(replies)
  const clock = { hear() {}, nowMs: () => sentAtMs + 1000 }
  const led: string[] = []
  const wayBack = {
    target: '/x',
    href: '/auth/return?return_to=%2Fx',
    follow: () => void led.push('after a sign-in'),
    followOnArrival: () => void led.push('on arrival'),
  }
  const client = createClient({ baseUrl: server.baseUrl, retries: 0 })
  const signIn = new SignIn({ client, clock, wayBack })
  openPage = signIn
  await signIn.look()
  const count = (call: string) => server.heard.filter((heard) => heard === call).length
  return { signIn, led, count, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('a complete code is tried once by itself, and not again while it is being checked', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const verify = { ...(signedIn as object), waitFor: released } as Reply
  await using page = await openSignIn({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': verify })
  page.signIn.enterCode('12345')
  page.signIn.enterCode('123456')
  page.signIn.enterCode('123456')
  void page.signIn.verify()
  release()
  await vi.waitFor(() => expect(page.signIn.step).toBe('signed_in'))
  expect(page.count('POST /auth/otp/verify')).toBe(1)
})

test('a wrong code is not tried again by itself, only when it is changed', async () => {
  await using page = await openSignIn({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': wrongCode })
  page.signIn.enterCode('123456')
  await vi.waitFor(() => expect(page.signIn.problem?.code).toBe('code_incorrect'))
  page.signIn.enterCode('123456')
  expect(page.signIn.busyWith).toBeNull()
  page.signIn.enterCode('654321')
  expect(page.signIn.busyWith).toBe('verify')
  expect(page.signIn.verification?.attemptsLeft).toBe(4)
})

test('Enter after a code that was just found wrong costs no try', async () => {
  await using page = await openSignIn({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': wrongCode })
  page.signIn.enterCode('123456')
  await vi.waitFor(() => expect(page.signIn.problem?.code).toBe('code_incorrect'))

  await page.signIn.verify()

  expect(page.count('POST /auth/otp/verify')).toBe(1)
})

test('a code whose answer was lost is sent again until it is answered', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': 'drop' }
  await using page = await openSignIn(replies)
  page.signIn.enterCode('123456')
  await vi.waitFor(() => expect(page.signIn.problem?.code).toBe('unreachable'))
  expect(page.signIn.code).toBe('123456')
  replies['POST /auth/otp/verify'] = signedIn
  await vi.waitFor(() => expect(page.signIn.step).toBe('signed_in'), { timeout: 4000 })
  expect(page.signIn.problem).toBeNull()
})

test('one failed look behind the back of the person says nothing and signs nobody out', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': signedIn }
  await using page = await openSignIn(replies)
  replies['GET /auth/session'] = 'drop'
  await page.signIn.look()
  expect([page.signIn.step, page.signIn.problem]).toEqual(['signed_in', null])
  await page.signIn.look()
  expect([page.signIn.step, page.signIn.problem?.code]).toEqual(['signed_in', 'unreachable'])
})

test('an outage keeps the typed address', async () => {
  await using page = await openSignIn({ 'GET /auth/session': anonymous, 'POST /auth/otp/send': 'drop' })
  page.signIn.email = 'ada@example.com'
  await page.signIn.send()
  expect([page.signIn.step, page.signIn.email]).toEqual(['address', 'ada@example.com'])
})

test('a look that was overtaken by an action does not bring the old step back', async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>()
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn }
  await using page = await openSignIn(replies)
  replies['GET /auth/session'] = { status: 200, body: codeSentView(), waitFor: released }
  const look = page.signIn.look()
  page.signIn.enterCode('123456')
  await vi.waitFor(() => expect(page.signIn.step).toBe('signed_in'))
  release()
  await look
  expect(page.signIn.step).toBe('signed_in')
})

test('cancelling a verification that is already gone leads to the address form without a problem', async () => {
  const gone: Reply = { status: 409, body: { code: 'verification_session_not_found' } }
  await using page = await openSignIn({ 'GET /auth/session': codeSent, 'DELETE /auth/otp': gone })
  await page.signIn.useAnotherAddress()
  expect([page.signIn.step, page.signIn.problem]).toEqual(['address', null])
})

test.each([
  { who: 'one who was signed in before', reply: signedIn, step: 'signed_in' },
  { who: 'anybody else', reply: anonymous, step: 'address' },
])('using another address leads $who to where the session stands', async ({ reply, step }) => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': codeSent,
    'DELETE /auth/otp': { status: 204 },
  }
  await using page = await openSignIn(replies)
  replies['GET /auth/session'] = reply
  await page.signIn.useAnotherAddress()
  expect([page.signIn.step, page.signIn.problem]).toEqual([step, null])
})

test('a person who signs in is led on once, and one who is signed in on arrival as such', async () => {
  const replies = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn }
  await using page = await openSignIn(replies)
  expect(page.led).toEqual([])
  replies['GET /auth/session'] = signedIn
  page.signIn.enterCode('123456')
  await vi.waitFor(() => expect(page.signIn.step).toBe('signed_in'))
  await page.signIn.look()
  expect(page.led).toEqual(['after a sign-in'])

  await using later = await openSignIn(replies)
  await later.signIn.look()
  expect(later.led).toEqual(['on arrival'])
})
