import { expect, test, vi } from 'vitest'
import { leaveMail, openOutbox } from './another-outbox.ts'
import { startApp } from './running-app.ts'

const email = 'ada@example.com'

/** Hands over the mail of a code that is good for so long, and gives the deadline it had. */
async function handOver({ lifeMs, ...options }: { lifeMs: number; deadlineAfter?: () => AbortSignal }) {
  await using app = await startApp()
  await app.outbox.stop(0)
  let given: AbortSignal | undefined
  app.mails.answer = (_, deadline) => {
    given = deadline
    return { delivery: 'sent', reply: '250 OK' }
  }
  await leaveMail(app, email, { expiresAtMs: app.clock.nowMs + lifeMs })
  const outbox = openOutbox(app, options)
  outbox.wake()
  await app.mails.next(email)
  await outbox.stop(0)
  return given
}

test.each([
  { lifeMs: 600_000, deadlineMs: 10_000 },
  { lifeMs: 10_001, deadlineMs: 10_000 },
  { lifeMs: 4_000, deadlineMs: 4_000 },
])(
  'R27: the mail of a code that is good for $lifeMs ms has $deadlineMs ms for all of its hand-over',
  async ({ lifeMs, deadlineMs }) => {
    const deadline = new AbortController().signal
    const deadlineAfter = vi.fn(() => deadline)

    expect(await handOver({ lifeMs, deadlineAfter })).toBe(deadline)
    expect(deadlineAfter.mock.calls).toEqual([[deadlineMs]])
  },
)

test('R27: the deadline of a server is a timer', async () => {
  const timeout = vi.spyOn(AbortSignal, 'timeout')

  const given = await handOver({ lifeMs: 600_000 })

  const index = timeout.mock.results.findIndex(({ value }) => value === given)
  expect(timeout.mock.calls[index]).toEqual([10_000])
  timeout.mockRestore()
})
