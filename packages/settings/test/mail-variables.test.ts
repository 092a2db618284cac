import { expect, test } from 'vitest'
import { faultsOfDkim, mailFaultsInProduction, senderOf } from '../src/mail-variables.ts'

test.each([
  [{ APP_NAME: 'Holdfast' }, 'Holdfast <holdfast@localhost>'],
  [
    { APP_NAME: 'Acme', PUBLIC_ORIGIN: 'https://login.example.com:8443' },
    'Acme <holdfast@login.example.com>',
  ],
  [{ APP_NAME: 'A<c>m,e;"', PUBLIC_ORIGIN: 'https://a.example' }, 'Acme <holdfast@a.example>'],
  [{ APP_NAME: 'Acme', MAIL_FROM: 'codes@example.com' }, 'codes@example.com'],
])('the sender by %j is %s', (values, sender) => {
  expect(senderOf(values)).toBe(sender)
})

test('DKIM with one of its three variables lacks the two others', () => {
  expect(faultsOfDkim({})).toEqual([])
  expect(faultsOfDkim({ DKIM_DOMAIN: 'a.example', DKIM_SELECTOR: 's', DKIM_KEY_FILE: 'k' })).toEqual([])
  expect(faultsOfDkim({ DKIM_SELECTOR: 's' })).toEqual([
    expect.stringMatching(/^DKIM_DOMAIN: is needed/),
    expect.stringMatching(/^DKIM_KEY_FILE: is needed/),
  ])
})

test.each([
  [{}, [], 1],
  [{}, ['SMTP_URL: expected smtp://user:password@host:587 or smtps://...'], 0],
  [{}, ['PUBLIC_ORIGIN: is no origin'], 1],
  [{ SMTP_URL: 'smtp://mail.example.com' }, [], 0],
])('production with %j, of which is known %j, has %i faults of its mail server', (values, known, count) => {
  expect(mailFaultsInProduction(values, known)).toHaveLength(count)
})
