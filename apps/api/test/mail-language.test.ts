import { createHash } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp
beforeAll(async () => {
  app = await startApp({ environment: { OTP_RESEND_SECONDS: '0' } })
})
afterAll(() => app[Symbol.asyncDispose]())

const headers = (language: string) => ({ 'Accept-Language': language })

async function subjectFor(email: string, language: string | undefined): Promise<string> {
  const more = language === undefined ? {} : headers(language)
  const answer = await app.newBrowser().call('POST', '/auth/otp/send', { email }, more)
  expect(answer.status).toBe(202)
  return (await app.mails.next(email)).subject
}

test.each([
  ['de-AT,de;q=0.9,en;q=0.8', 'Ihr Code für Holdfast'],
  ['sv, fr;q=0.5, de;q=0.7', 'Ihr Code für Holdfast'],
  ['pt', 'Seu código para Holdfast'],
  ['zh-TW', '您的 Holdfast 验证码'],
  ['*', 'Your code for Holdfast'],
  ['sv', 'Your code for Holdfast'],
  [undefined, 'Your code for Holdfast'],
  ['de;q=0, fr', 'Votre code pour Holdfast'],
  [';;;,=,q=1,<script>alert(1)</script>', 'Your code for Holdfast'],
])('a code asked for with Accept-Language %j is mailed in it or in English', async (language, subject) => {
  const email = `${createHash('sha256').update(String(language)).digest('hex').slice(0, 12)}@example.com`
  expect(await subjectFor(email, language)).toBe(subject)
})

test('a header with 2,000 languages in it costs nothing to speak of', async () => {
  expect(await subjectFor('many@example.com', 'xx,'.repeat(2_000))).toBe('Your code for Holdfast')
})

test('a resend goes on in the language of the code before it, unless it brings another', async () => {
  const email = 'polyglot@example.com'
  const browser = app.newBrowser()
  const next = async () => {
    const { subject, text } = await app.mails.next(email)
    return { subject, order: /\d \w+ \d/.exec(text)?.[0] }
  }
  await browser.call('POST', '/auth/otp/send', { email }, headers('it'))
  expect(await next()).toMatchObject({ subject: 'Il tuo codice per Holdfast' })

  await browser.resend()
  expect(await next()).toEqual({ subject: 'Il tuo codice per Holdfast', order: '2 di 2' })

  await browser.call('POST', '/auth/otp/resend', {}, headers('nl, en'))
  expect(await next()).toEqual({ subject: 'Je code voor Holdfast', order: '3 van 3' })

  await browser.call('POST', '/auth/otp/resend', {}, headers('*'))
  expect(await next()).toEqual({ subject: 'Je code voor Holdfast', order: '4 van 4' })
})
