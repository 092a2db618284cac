import { smtpOptionsFor } from '@holdfast/settings'
import { createTransport } from 'nodemailer'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import type { Mail } from '../src/mail/code-mail.ts'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { at, type SmtpPeerOptions, startSmtpPeer } from './smtp-peer.ts'

/*
 * What each fault of a mail server comes to is in mail-faults.ts.
 */

const mail: Mail = {
  to: 'ada@example.com',
  subject: 'Your code',
  text: '123456\n',
  html: '<p>123456</p>',
  code: '123456',
  messageId: '<a.1@localhost>',
}

const never = new AbortController().signal

async function handOver(options: SmtpPeerOptions, { to = mail.to } = {}) {
  await using peer = await startSmtpPeer(options)
  const transport = createSmtpTransport({ url: peer.url, from: 'Acme <a@example.com>' })
  const outcome = await transport.handOver({ ...mail, to }, never)
  transport.close()
  return { outcome, mails: peer.mails }
}

test('a mail that is taken is sent, with the reply of the server', async () => {
  const { outcome, mails } = await handOver({})

  expect(outcome).toEqual({ delivery: 'sent', reply: '250 OK' })
  expect(mails).toHaveLength(1)
})

test('a refusal of the mail is not told as a fault of the server, and one of everybody is', async () => {
  const ofMail = await handOver({ script: at('RCPT', { reply: '450 greylisted' }) })
  expect(ofMail.outcome).toEqual({ delivery: 'delayed', reply: expect.stringContaining('450 greylisted') })

  const ofAll = await handOver({ script: at('RCPT', { reply: '421 going away' }) })
  expect(ofAll.outcome).toMatchObject({ delivery: 'delayed', isServersFault: true })
})

test('A38: a reply of 50,000 characters becomes one short line', async () => {
  const { outcome } = await handOver({ script: at('RCPT', { reply: `550 ${'x'.repeat(50_000)}` }) })

  expect(outcome.reply.length).toBeLessThanOrEqual(200)
  expect(outcome.reply).not.toMatch(/[\r\n]/)
})

test.each([
  'a@evil.example,victim@corp.example',
  'grp:a@evil.example,b@evil.example;',
  'victim@corp.example\r\nBcc: x@evil.example',
])(
  '0.14, R18: an address that should never come here (%s) still reaches at most one recipient',
  async (to) => {
    const { mails } = await handOver({}, { to })

    expect(mails.flatMap((received) => received.to).length).toBeLessThanOrEqual(1)
    expect(mails.flatMap((received) => received.to)).not.toContain('x@evil.example')
  },
)

/** What a server on another machine hears of a mail that goes to it with a login. */
async function heardAfar(query: string, peerOptions: SmtpPeerOptions = {}) {
  const heard: string[] = []
  await using peer = await startSmtpPeer({
    takesLogins: true,
    ...peerOptions,
    script: (step) => {
      heard.push(step)
      return undefined
    },
  })
  // Another name for this machine: only loopback names may go without TLS.
  const url = `${peer.url.replace('smtp://127.0.0.1', 'smtp://user:secret@0.0.0.0')}${query}`
  const transport = createSmtpTransport({ url, from: 'a@example.com' })
  const outcome = await transport.handOver(mail, never)
  transport.close()
  return { heard, outcome }
}

const refused = { delivery: 'delayed', isServersFault: true }

test.each(['', '/?requireTLS=true', '/?requireTLS=no', '/?ignoreTLS=true', '/?opportunisticTLS=true'])(
  'R26, A39: a password is not sent to a server on another machine that does not speak TLS (%s)',
  async (query) => {
    const { heard, outcome } = await heardAfar(query)

    expect(outcome).toMatchObject(refused)
    expect(heard).toEqual(['greeting', 'EHLO', 'STARTTLS'])
  },
)

test('R26: where the URL says requireTLS=false a mail goes without TLS, but not past a certificate of nobody', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: '0.0.0.0' }])
  const without = await heardAfar('/?requireTLS=false')
  const offered = await heardAfar('/?requireTLS=false', { tls: { key, cert } })

  expect(without.outcome).toMatchObject({ delivery: 'sent' })
  expect(without.heard.slice(0, 3)).toEqual(['greeting', 'EHLO', 'AUTH'])
  expect(offered.outcome).toMatchObject(refused)
  expect(offered.heard).toEqual(['greeting', 'EHLO', 'STARTTLS'])
})

test('0.15, R27: a server that drips one byte now and then does not hold a mail past its deadline', async () => {
  // The greeting is in time; every later timer of an idle connection is started anew by each byte.
  await using peer = await startSmtpPeer({ script: at('EHLO', { drip: '2', everyMs: 20 }) })
  const transport = createSmtpTransport({ url: peer.url, from: 'a@example.com' })
  const deadline = new AbortController()
  const drips = peer.act()
  const outcome = transport.handOver(mail, deadline.signal)
  await drips
  deadline.abort()

  // The drip has no end of its own: only the deadline brings this.
  expect(await outcome).toEqual({
    delivery: 'delayed',
    reply: 'given up while the connection was made: no answer in time',
    isServersFault: true,
  })
  transport.close()
})

test('a mail that is given up because this server stops is not told as a fault of the mail server', async () => {
  await using peer = await startSmtpPeer({ script: at('.', 'hang') })
  const transport = createSmtpTransport({ url: peer.url, from: 'a@example.com' })
  const hangs = peer.act()
  const outcome = transport.handOver(mail, never)
  await hangs
  transport.close()

  expect(await outcome).toEqual({
    delivery: 'unknown',
    reply: 'given up after the whole mail was sent: this server stops',
    isServersFault: false,
    isUnanswered: false,
  })
})

test.each([
  { from: 'a file', content: { path: import.meta.filename }, says: 'File access rejected' },
  { from: 'a URL', content: { href: 'http://127.0.0.1:9/' }, says: 'Url access rejected' },
])('R26: no text of a mail is taken from $from', async ({ content, says }) => {
  await using peer = await startSmtpPeer()
  const transporter = createTransport(smtpOptionsFor(peer.url))

  const sent = transporter.sendMail({ from: 'a@example.com', to: mail.to, text: content })

  await expect(sent).rejects.toThrow(says)
  expect(peer.mails).toEqual([])
})
