import { expect, test } from 'vitest'
import type { Mail } from '../src/mail/code-mail.ts'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { type SmtpPeerOptions, startSmtpPeer } from './smtp-peer.ts'

const mail: Mail = {
  to: 'ada@example.com',
  subject: 'Your code',
  text: '123456\n',
  html: '<p>123456</p>',
  code: '123456',
  messageId: '<a.1@localhost>',
}

async function handOver(options: SmtpPeerOptions, to = mail.to) {
  await using peer = await startSmtpPeer(options)
  const transport = createSmtpTransport({ url: peer.url, from: 'Acme <a@example.com>' })
  const outcome = await transport.handOver({ ...mail, to })
  transport.close()
  return { outcome, mails: peer.mails }
}

test('a mail that is taken is sent, with the reply of the server', async () => {
  const { outcome, mails } = await handOver({})

  expect(outcome).toEqual({ delivery: 'sent', reply: '250 OK' })
  expect(mails).toHaveLength(1)
})

test.each([
  ['MAIL', '451 later', 'delayed'],
  ['RCPT', '450 greylisted', 'delayed'],
  ['DATA', '421 going away', 'delayed'],
  ['.', '452 no space', 'delayed'],
  ['MAIL', '550 no', 'failed'],
  ['RCPT', '550 no such user', 'failed'],
  ['RCPT', '553-no\r\n553 such user', 'failed'],
  ['.', '554 spam', 'failed'],
])('%s answered with "%s" is %s', async (command, reply, delivery) => {
  const { outcome, mails } = await handOver({ reply: (heard) => (heard === command ? reply : undefined) })

  expect(outcome.delivery).toBe(delivery)
  expect(mails).toHaveLength(0)
})

test('a server that cannot be reached or hangs up at once delays the mail', async () => {
  await using gone = await startSmtpPeer()
  const { url } = gone
  await gone[Symbol.asyncDispose]()
  const transport = createSmtpTransport({ url, from: 'a@example.com' })
  expect((await transport.handOver(mail)).delivery).toBe('delayed')
  transport.close()

  const { outcome } = await handOver({ takeOver: (socket) => socket.destroy() })
  expect(outcome.delivery).toBe('delayed')
})

test('A38: a reply of 50,000 characters becomes one short line', async () => {
  const { outcome } = await handOver({
    reply: (command) => (command === 'RCPT' ? `550 ${'x'.repeat(50_000)}` : undefined),
  })

  expect(outcome.reply.length).toBeLessThanOrEqual(200)
  expect(outcome.reply).not.toMatch(/[\r\n]/)
})

test.each([
  'a@evil.example,victim@corp.example',
  'grp:a@evil.example,b@evil.example;',
  'victim@corp.example\r\nBcc: x@evil.example',
])('0.14: an address that should never come here (%s) still reaches at most one recipient', async (to) => {
  const { mails } = await handOver({}, to)

  expect(mails.flatMap((received) => received.to).length).toBeLessThanOrEqual(1)
  expect(mails.flatMap((received) => received.to)).not.toContain('x@evil.example')
})

test('R26: a password is not sent to a server on another machine that does not speak TLS', async () => {
  const heard: string[] = []
  await using peer = await startSmtpPeer({
    reply: (command) => {
      heard.push(command)
      return undefined
    },
  })
  // Another name for this machine: only loopback names may go without TLS.
  const url = peer.url.replace('smtp://127.0.0.1', 'smtp://user:secret@0.0.0.0')
  const transport = createSmtpTransport({ url, from: 'a@example.com' })

  const outcome = await transport.handOver(mail)
  transport.close()

  expect(outcome.delivery).not.toBe('sent')
  expect(heard).toContain('STAR')
  expect(heard).not.toContain('AUTH')
  expect(heard).not.toContain('MAIL')
})

test('0.15: a server that drips one byte now and then does not hold a mail past its deadline', async () => {
  const { outcome } = await handOver({
    takeOver: (socket) => {
      // The greeting is in time; every later timer of an idle connection is started anew by each byte.
      socket.write('220 peer ESMTP\r\n')
      const drip = setInterval(() => socket.write('2'), 250)
      socket.on('close', () => clearInterval(drip))
    },
  })

  // The drip has no end of its own: only the deadline brings this.
  expect(outcome.delivery).toBe('delayed')
}, 60_000)
