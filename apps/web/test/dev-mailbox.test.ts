import type { DevMail } from '@holdfast/page-data/dev'
import { expect, test } from 'vitest'
import { Mailbox } from '../src/dev/mailbox/mailbox.svelte.ts'

const mail = (id: string, at: number, to = 'ada@example.com'): DevMail => ({
  id,
  to,
  subject: 'Your code',
  text: '123456',
  code: '123456',
  at: new Date(at).toISOString(),
})

function mailboxOf(mails: DevMail[], about = '') {
  const server = { mailbox: async (text: string) => mails.filter(({ to }) => to.includes(text)) }
  return new Mailbox(server, about)
}

test('the newest mail is open until one is chosen, and a mail that comes leaves the choice alone', async () => {
  const mails = [mail('two', 2), mail('one', 1)]
  const mailbox = mailboxOf(mails)
  await mailbox.load()
  expect([mailbox.open?.id, mailbox.isChosen, mailbox.news]).toEqual(['two', false, ''])

  mailbox.chosen = 'one'
  mails.unshift(mail('three', 3))
  await mailbox.load()

  expect([mailbox.open?.id, mailbox.isChosen]).toEqual(['one', true])
  expect(mailbox.news).toBe('New mail to ada@example.com: Your code')
  expect([...mailbox.arrived]).toEqual(['three'])
})

test('mails that a wider filter shows are no news', async () => {
  const mailbox = mailboxOf([mail('two', 2, 'grace@example.com'), mail('one', 1)], 'ada')
  await mailbox.load()

  await mailbox.lookFor('')

  expect(mailbox.mails).toHaveLength(2)
  expect([mailbox.news, mailbox.arrived.size]).toEqual(['', 0])
})

test('an answer to an earlier filter that comes late is not shown', async () => {
  const answers = new Map<string, (mails: DevMail[]) => void>()
  const mailbox = new Mailbox(
    { mailbox: (about) => new Promise((resolve) => answers.set(about, resolve)) },
    '',
  )
  const early = mailbox.lookFor('a')
  const late = mailbox.lookFor('ad')

  answers.get('ad')?.([mail('right', 1)])
  await late
  answers.get('a')?.([mail('wrong', 1)])
  await early

  expect(mailbox.open?.id).toBe('right')
})
