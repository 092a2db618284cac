import { expect, test } from 'vitest'
import { createDraftMemory, emptyDraft } from '../src/draft.ts'
import type { Reply } from './answering-server.ts'
import { codeSentView, signedInView } from './code-sent-view.ts'
import { eventually } from './eventually.ts'
import { createTabMemory, openPage } from './open-page.ts'

const codeSent: Reply = { status: 202, body: codeSentView() }
const signedIn: Reply = { status: 200, body: signedInView }
const anonymous: Reply = { status: 200, body: { state: 'anonymous' } }
const wrongCode: Reply = { status: 403, body: { code: 'code_incorrect', attemptsLeft: 4 } }

test('a page goes on with the digits that the page before it in this tab held', async () => {
  const first = await openPage({ 'GET /auth/session': codeSent })
  first.signIn.enterCode('123')
  first.signIn.keepDraft()

  const { signIn } = await openPage({ 'GET /auth/session': codeSent }, first)

  expect([signIn.standing.step, signIn.typed.code]).toEqual(['code', '123'])
})

test('digits of another verification are not taken up', async () => {
  const first = await openPage({ 'GET /auth/session': codeSent })
  first.signIn.enterCode('123')
  first.signIn.keepDraft()
  const other: Reply = { status: 200, body: codeSentView({ reference: 'HF-AAAA-BBBB' }) }
  expect((await openPage({ 'GET /auth/session': other }, first)).signIn.typed.code).toBe('')
})

test('a page goes on with the address', async () => {
  const first = await openPage({ 'GET /auth/session': anonymous })
  first.signIn.enterAddress('ada@ex')
  first.signIn.keepDraft()
  expect((await openPage({ 'GET /auth/session': anonymous }, first)).signIn.typed.email).toBe('ada@ex')
})

test.each([
  ['a sign-in', signedIn, (page: Awaited<ReturnType<typeof openPage>>) => page.signIn.enterCode('123456')],
  [
    'a wrong code',
    wrongCode,
    (page: Awaited<ReturnType<typeof openPage>>) => page.signIn.enterCode('123456'),
  ],
  [
    'a cancelled verification',
    signedIn,
    (page: Awaited<ReturnType<typeof openPage>>) => page.signIn.useAnotherAddress(),
  ],
])('after %s nothing of the code is kept', async (_end, verified, end) => {
  const replies: Record<string, Reply> = {
    'GET /auth/session': codeSent,
    'POST /auth/otp/verify': verified,
    'DELETE /auth/otp': { status: 204 },
  }
  const page = await openPage(replies)
  page.signIn.enterCode('123')
  page.signIn.keepDraft()
  expect(page.memory.length).toBe(1)
  replies['GET /auth/session'] = anonymous
  await end(page)
  await eventually(() => expect(page.signIn.busyWith).toBeNull())
  page.signIn.keepDraft()
  expect(page.memory.length).toBe(0)
})

test('once a code has expired nothing of it is kept', async () => {
  const page = await openPage({ 'GET /auth/session': codeSent })
  page.signIn.enterCode('123')
  page.signIn.keepDraft()
  page.signIn.standing.nowMs = Date.parse(page.signIn.standing.verification?.expiresAt ?? '')
  page.signIn.keepDraft()
  expect([page.signIn.standing.step, page.memory.length]).toEqual(['expired', 0])
})

test('a whole code that was sent and not answered is tried by the page that comes after', async () => {
  const replies: Record<string, Reply> = { 'GET /auth/session': codeSent, 'POST /auth/otp/verify': 'drop' }
  const first = await openPage(replies)
  first.signIn.enterCode('123456')
  first.signIn.keepDraft()
  first.signIn.stop()

  const page = await openPage({ 'GET /auth/session': codeSent, 'POST /auth/otp/verify': signedIn }, first)

  await eventually(() => expect(page.signIn.standing.step).toBe('signed_in'))
})

test('where the browser forbids to keep anything, nothing is kept and nothing fails', () => {
  const draft = createDraftMemory(() => {
    throw new DOMException('denied', 'SecurityError')
  })
  draft.write({ ...emptyDraft, email: 'ada@example.com' })
  expect(draft.read()).toEqual(emptyDraft)
})

test.each(['', 'null', '[]', '{"email":1}', '{"code":', '"text"'])(
  'what is no draft, %j, is read as none',
  (text) => {
    const memory = createTabMemory()
    memory.setItem('holdfast-draft', text)
    expect(createDraftMemory(() => memory).read()).toEqual(emptyDraft)
  },
)
