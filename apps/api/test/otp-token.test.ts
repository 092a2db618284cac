import { expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { openSmtp } from '../src/mail/open-mail.ts'
import { whenItHangs } from './hanging.ts'
import { startSmtpPeer } from './smtp-peer.ts'

const mail = {
  to: 'ada@example.com',
  subject: 'Your code',
  text: 'Code:\n\n042137\n',
  html: '<p>042137</p>',
  code: '042137',
  messageId: '<a.1@localhost>',
}

/** The headers with which a mail reaches the mail server. */
async function headersWith(environment: Record<string, string>): Promise<string> {
  await using peer = await startSmtpPeer()
  const loaded = loadConfig({
    SMTP_URL: peer.url,
    PUBLIC_ORIGIN: 'https://login.example.com',
    ...environment,
  })
  if (!loaded.ok) throw new Error(loaded.faults.join())
  const transport = await openSmtp(loaded.config)
  await transport?.handOver(mail, whenItHangs())
  transport?.close()
  return peer.mails[0]?.data.split(/\r?\n\r?\n/, 1)[0] ?? ''
}

test('R23: with OTP_TOKEN_HEADER on, a header says for which origin the code is', async () => {
  expect(await headersWith({ OTP_TOKEN_HEADER: 'on' })).toMatch(
    /^OTP-Token: "042137"; origin="https:\/\/login\.example\.com"\r?$/m,
  )
})

test('without it, no header has the code', async () => {
  const headers = await headersWith({})
  expect(headers).toMatch(/^Subject: Your code\r?$/m)
  expect(headers).not.toContain('042137')
})

test.each([
  {},
  { PUBLIC_ORIGIN: 'http://login.example.com' },
  { PUBLIC_ORIGIN: 'https://login.example.com.' },
  { PUBLIC_ORIGIN: 'https://a~b.example' },
])('OTP_TOKEN_HEADER is a fault of the start where there is no https origin to name (%o)', (environment) => {
  const loaded = loadConfig({ OTP_TOKEN_HEADER: 'on', ...environment })
  expect(loaded).toEqual({
    ok: false,
    faults: [expect.stringMatching(/^OTP_TOKEN_HEADER: .*PUBLIC_ORIGIN/)],
  })
})
