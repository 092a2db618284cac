import { languageTags } from '@holdfast/messages'
import { beforeAll, expect, test } from 'vitest'
import type { Mail } from '../src/mail/code-mail.ts'
import { type RunningApp, startApp } from './running-app.ts'

/*
 * R19, R20: no word of a mail comes from whoever asked for it, who need not be the one who reads it.
 */

let app: RunningApp
beforeAll(async () => {
  app = await startApp()
  return () => app[Symbol.asyncDispose]()
})

const canary = '<b>canary</b>'
const headers = {
  'User-Agent': canary,
  Referer: `https://${canary}/`,
  'X-Forwarded-Host': canary,
  'X-Forwarded-For': canary,
  Forwarded: `host=${canary};for=${canary}`,
  'X-Request-Id': canary,
}

const wordsOf = ({ subject, text, html, code }: Mail) =>
  [subject, text, html].map((part) =>
    part.replaceAll(code, '‹code›').replaceAll([...code].join(' '), '‹digits›'),
  )

test.each(languageTags)(
  'R19, R20: in %s the same words are mailed, whoever asks, for whom and why',
  async (language) => {
    async function mailFor(
      body: { email: string; type?: 'login' | 'signup' },
      more: Record<string, string> = {},
    ) {
      const answer = await app
        .newBrowser()
        .call('POST', '/auth/otp/send', body, { 'Accept-Language': language, ...more })
      expect(answer.status).toBe(202)
      return wordsOf(await app.mails.next(body.email))
    }

    const plain = await mailFor({ email: 'ada@example.com', type: 'login' })

    expect(plain[0]).not.toBe('')
    expect(await mailFor({ email: 'grace.hopper+canary@navy.example' }, headers)).toEqual(plain)
    expect(await mailFor({ email: 'signup@example.com', type: 'signup' }, headers)).toEqual(plain)
  },
)
