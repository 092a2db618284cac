import { parseEmailAddress } from '@holdfast/core'
import { beforeAll, expect, test } from 'vitest'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { whenItHangs } from './hanging.ts'
import { expectRefused } from './refused-call.ts'
import { type RunningApp, startApp } from './running-app.ts'
import { startSmtpPeer } from './smtp-peer.ts'

const from = 'Holdfast <holdfast@login.example.com>'
let app: RunningApp
let peer: Awaited<ReturnType<typeof startSmtpPeer>>

beforeAll(async () => {
  peer = await startSmtpPeer()
  app = await startApp({ mail: createSmtpTransport({ url: peer.url, from }) })
  return async () => {
    await app[Symbol.asyncDispose]()
    await peer[Symbol.asyncDispose]()
  }
})

/** Asks for a code and gives what reached the mail server. */
async function mailTo(email: string) {
  const received = peer.mails.length
  const parsed = parseEmailAddress(email)
  const canonical = parsed.ok ? parsed.email : email
  const isHandedOver = app.outbox.nextHandOver(canonical, whenItHangs())
  const answer = await app.newBrowser().send(email)
  expect(answer.status).toBe(202)
  await isHandedOver
  return peer.mails.slice(received)
}

const hostile = [
  'a@evil.example,victim@corp.example',
  'a@evil.example;victim@corp.example',
  'a@evil.example victim@corp.example',
  'victim@corp.example\r\nBcc: x@evil.example',
  'victim@corp.example\nRCPT TO:<x@evil.example>',
  'victim@corp.example%0d%0aBcc:x@evil.example',
  'grp:a@e.example,b@e.example;',
  'Ada <ada@corp.example>',
  '<ada@corp.example>',
  '"a@evil.example"@corp.example',
  '"a\\"b"@corp.example',
  'a(comment@evil.example)@corp.example',
  'a@[127.0.0.1]',
  'a@127.0.0.1',
  'a@evil.example@corp.example',
  'a＠evil.example@corp.example',
  'a@corp.example>\0',
  'victim@corp.example> ORCPT=rfc822;x@evil.example',
  'a@corp.example\u200b',
  'a@corp\u202e.example',
  `${'a'.repeat(65)}@corp.example`,
  `a@${'b'.repeat(250)}.example`,
  `${'('.repeat(1_000)}a@corp.example`,
  '',
  '@',
  'a@',
  '@corp.example',
  '-oQ/tmp@corp',
  '-oQ/tmp@corp.example',
  'evil.example!victim@corp.example',
  '|/bin/sh@corp.example',
  '/etc/passwd@corp.example',
]

test.each(hostile)('0.14, R18: "%s" is refused and nobody is mailed', async (email) => {
  const received = peer.mails.length

  await expectRefused(app, { method: 'POST', path: '/auth/otp/send', body: JSON.stringify({ email }) })

  expect(peer.mails.length).toBe(received)
})

test.each([
  ['ADA+tag@Example.COM', 'ada+tag@example.com'],
  ['ada＠example．com', 'ada@example.com'],
  ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
  ["o'brien&co@example.com", "o'brien&co@example.com"],
  ['{a}~`#$*/=?^_@example.com', '{a}~`#$*/=?^_@example.com'],
])('0.14, R16: a mail for %s goes to exactly %s', async (typed, canonical) => {
  const mails = await mailTo(typed)

  expect(mails.map(({ to }) => to)).toEqual([[canonical]])
  expect(mails[0]?.data).toMatch(new RegExp(`^To: ${canonical.replace(/[^\w@]/g, '\\$&')}$`, 'm'))
  expect(mails[0]?.data).not.toMatch(/^(Cc|Bcc):/im)
})

test('R24, R25: the mail says who sent it, that no person did, and has the code alone on a line and not in the subject', async () => {
  const [mail] = await mailTo('ada@example.com')
  const data = mail?.data ?? ''
  const subject = /^Subject: (.*)$/m.exec(data)?.[1]

  expect(mail?.from).toContain('<holdfast@login.example.com>')
  expect(data).toMatch(/^Auto-Submitted: auto-generated$/m)
  expect(data).toMatch(/^X-Auto-Response-Suppress: All$/m)
  expect(data).toMatch(/^Message-ID: <[\w-]{22}\.1@[\w.]+>$/m)
  expect(data).toMatch(/^\d{6}$/m)
  expect(subject).toBe('Your code for Holdfast')
  expect(data).not.toContain('List-Unsubscribe')
})
