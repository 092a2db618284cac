import { readStore } from '@holdfast/store/testing'
import { expect, test } from 'vitest'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { whenItHangs } from './hanging.ts'
import { startApp } from './running-app.ts'
import { type SmtpAct, type SmtpStep, startSmtpPeer } from './smtp-peer.ts'

const email = 'ada@example.com'
const user = 'holdfast'
const pass = 'canary-pw-88'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const told = `bad AUTH PLAIN ${base64(`\0${user}\0${pass}`)} ${pass} ${base64(pass)}`
/** No part of it that is longer than a few characters may be found anywhere. */
const traces = ['canary', base64(`\0${user}\0`).slice(0, 14), base64(pass).slice(0, 12)]

/** A whole server whose mail server does that at that step; everything that is written down about it. */
async function written(step: SmtpStep, actOf: (code: string) => SmtpAct) {
  let code = ''
  await using peer = await startSmtpPeer({
    takesLogins: true,
    script: (met) => (met === step ? actOf(code) : undefined),
  })
  const url = peer.url.replace('//', `//${user}:${pass}@`)
  const transport = createSmtpTransport({ url, from: 'Acme <a@example.com>' })
  await using app = await startApp({
    mail: {
      ...transport,
      handOver(mail, deadline) {
        code = mail.code
        return transport.handOver(mail, deadline)
      },
    },
  })
  const browser = app.newBrowser()
  const tried = app.outbox.nextHandOver(email, whenItHangs())
  await browser.send(email)
  await tried

  const ledger = readStore(app.storePath, 'SELECT event, detail FROM ledger ORDER BY id')
  const state = await browser.call('GET', '/dev/state')
  expect(JSON.stringify(ledger)).toContain('reply')
  return { code, ledger: JSON.stringify(ledger), all: JSON.stringify([ledger, state.text, app.log.text()]) }
}

test.each<[string, SmtpStep, SmtpAct, string]>([
  ['to AUTH', 'AUTH', { reply: `535 5.7.8 ${told}` }, 'login not taken: 535 5.7.8'],
  ['to AUTH over two lines', 'AUTH', { reply: `535-no\r\n535 ${told}` }, 'login not taken: 535'],
  ['to AUTH, for now', 'AUTH', { reply: `454 4.7.0 ${told}` }, 'login not taken: 454 4.7.0'],
  ['to AUTH, without a code', 'AUTH', { reply: told }, 'login not taken: no reply code'],
  ['to AUTH, and breaks off', 'AUTH', { replyAndHangUp: `535 5.7.8 ${told}` }, 'login not taken: 535 5.7.8'],
  ['to MAIL', 'MAIL', { reply: `550 5.7.1 ${told}` }, '550 5.7.1 bad AUTH PLAIN (secret) (secret) (secret)'],
  ['to the mail', '.', { reply: `250 ${told}` }, '250 bad AUTH PLAIN (secret) (secret) (secret)'],
])('a password in the reply %s is written nowhere', async (_where, step, act, reply) => {
  const { ledger, all } = await written(step, () => act)

  expect(ledger).toContain(reply)
  for (const trace of traces) expect(all).not.toContain(trace)
})

test('a code that comes back in another shape is not in the ledger', async () => {
  const shapes = (code: string) => [
    code.split('').join(' '),
    `${code.slice(0, 3)}-${code.slice(3)}`,
    base64(code),
  ]
  const { code, ledger } = await written('.', (given) => ({ reply: `550 ${shapes(given).join(' or ')}` }))

  expect(ledger).toContain('550 (code) or (code) or (code)')
  for (const shape of [code, ...shapes(code)]) expect(ledger).not.toContain(shape)
})
