import { expect, test } from 'vitest'
import type { Reply } from './answering-server.ts'
import { codeSentView } from './code-sent-view.ts'
import { openPage } from './open-page.ts'

const codeSent: Reply = { status: 200, body: codeSentView() }
const tooSoon: Reply = { status: 429, body: { code: 'rate_limited' }, headers: { 'retry-after': '30' } }

async function openLimitedPage() {
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent, 'POST /auth/otp/resend': tooSoon }
  const page = await openPage(replies)
  await page.signIn.resend()
  const told = () => [page.signIn.standing.problem?.code ?? null, page.signIn.standing.news]
  return { ...page, replies, told }
}

test('who was told to wait is told once when the wait is over', async () => {
  const { signIn, passSeconds, told } = await openLimitedPage()
  passSeconds(29)
  expect(told()).toEqual(['rate_limited', null])
  passSeconds(1)
  expect(told()).toEqual([null, 'news.canTryAgain'])

  signIn.standing.news = null
  passSeconds(60)
  expect(told()).toEqual([null, null])
})

test('who comes back to the page while they wait is told too when the wait is over', async () => {
  const { signIn, passSeconds, told } = await openLimitedPage()
  await signIn.look()
  passSeconds(29)
  expect([...told(), signIn.standing.refusedAction]).toEqual(['rate_limited', null, 'resend'])
  passSeconds(1)
  expect(told()).toEqual([null, 'news.canTryAgain'])
})

test('a refusal that came after the wait began is not taken for it', async () => {
  const { signIn, passSeconds, replies, told } = await openLimitedPage()
  replies['POST /auth/otp/verify'] = { status: 403, body: { code: 'code_incorrect', attemptsLeft: 4 } }
  signIn.typed.code = '123456'
  await signIn.verify()
  passSeconds(60)
  expect(told()).toEqual(['code_incorrect', null])
})

test('who did what they had to wait for in the meantime is not told that they may', async () => {
  const { signIn, passSeconds, replies, told } = await openLimitedPage()
  replies['POST /auth/otp/resend'] = { status: 202, body: codeSentView() }
  await signIn.resend()
  passSeconds(60)
  expect(told()).toEqual([null, 'news.resent'])
})
