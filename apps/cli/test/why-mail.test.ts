import { type CodeRow, ledgerEntry } from '@holdfast/store'
import { addMail, addVerification } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createInstallation } from './installation.ts'
import { hourMs } from './rings.ts'

const kid = 'kkkkkkkk'
const reference = 'HF-7K3M-9QX1'
const minuteMs = 60_000

type Entry = Pick<Parameters<typeof ledgerEntry>[0], 'event' | 'detail'>

/** What is told of a verification whose mail met that, good until so many milliseconds from now. */
async function why({
  untilMs,
  code,
  entries,
}: {
  untilMs: number
  code: Partial<CodeRow>
  entries: Entry[]
}) {
  const holdfast = await createInstallation()
  const store = await holdfast.openStore()
  const nowMs = Date.now()
  const askedAtMs = nowMs - hourMs
  const expiresAtMs = nowMs + untilMs
  const verificationId = await addVerification(store, { nowMs: askedAtMs, kid, reference, expiresAtMs })
  await addMail(store, { nowMs, kid, verificationId, askedAtMs, expiresAtMs, ...code })
  await store.write(
    ...entries.map((entry, index) =>
      ledgerEntry({ ...entry, atMs: askedAtMs + index * 1_000, verificationId }),
    ),
  )
  const { stdout } = await holdfast.holdfast(`why ${reference}`)
  return stdout.replace(/\s+/g, ' ')
}

const tried = { number: 1, ms: 12 }

test('why tells each try with its reply, a server that ended in the middle, and the copy that was taken over', async () => {
  const told = await why({
    untilMs: 60 * minuteMs,
    code: { sealed: null, delivery: 'sent', tries: 3 },
    entries: [
      {
        event: 'code_delayed',
        detail: { ...tried, tries: 1, delivery: 'delayed', reply: '451 4.7.1 later' },
      },
      {
        event: 'code_delayed',
        detail: { ...tried, tries: 2, delivery: 'unknown', reply: 'no answer in time' },
      },
      { event: 'code_interrupted', detail: { number: 1, tries: 3, instance: 'killed01' } },
      { event: 'code_handed_over', detail: { ...tried, tries: 4, delivery: 'sent', reply: '250 OK' } },
    ],
  })

  for (const step of [
    'the mail of code 1 was not handed over and will be tried again: 451 4.7.1 later (12 ms)',
    'the mail of code 1 at attempt 2 may have been taken over or not, and will be tried again: no answer in time (12 ms)',
    'the mail of code 1 at attempt 3 may have been taken over or not: server killed01 ended, or stood still, while it handed it over; it will be tried again',
    'the mail server took over the mail of code 1 at attempt 4: 250 OK (12 ms)',
    'The mail server took its mail over',
  ]) {
    expect(told).toContain(step)
  }
})

test('why tells a code that expired in the outbox as that, and not as an address that is wrong', async () => {
  const delayed = { ...tried, tries: 1, delivery: 'delayed', reply: 'connect ECONNREFUSED' }
  const told = await why({
    untilMs: -minuteMs,
    code: { sealed: null, delivery: 'failed', tries: 1 },
    entries: [
      { event: 'code_delayed', detail: delayed },
      { event: 'code_expired_unsent', detail: { number: 1, tries: 1 } },
    ],
  })

  expect(told).toContain('code 1 expired before its mail was handed over (attempts: 1)')
  expect(told).toContain(
    'Its mail could not be handed over in time (connect ECONNREFUSED). Please ask for a new one.',
  )
  expect(told).not.toContain('check the address')
})

test('why goes by the time, and not by what the row said last', async () => {
  const queued = { untilMs: -minuteMs, code: { delivery: 'queued' as const }, entries: [] }
  expect(await why(queued)).toContain('Its mail could not be handed over in time.')

  const waiting = { ...queued, untilMs: 60 * minuteMs }
  expect(await why(waiting)).toContain('Its mail is not handed over yet and is tried again.')
})
