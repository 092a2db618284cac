import { directionOf, languageTags } from '@holdfast/messages'
import { loadMessages } from '@holdfast/messages/load'
import { expect, test } from 'vitest'
import { createCodeMailWriter } from '../src/mail/code-mail-writer.ts'
import { mailedCode as code } from './mailed-code.ts'

const writer = createCodeMailWriter({ appName: 'Acme', publicOrigin: new URL('https://login.example.com') })

test('the text says what it is for, the code alone on a line, until when, and where to enter it', async () => {
  const { subject, text, messageId } = await writer.write(code, 'en')

  expect(subject).toBe('Your code for Acme')
  expect(messageId).toBe('<abc.1@login.example.com>')
  expect(text).toBe(`Your code to sign in to Acme

042137

It works once and expires at 10:52 UTC (valid for 10 minutes).
Asked for at 10:42 UTC.

Enter it only at https://login.example.com. Nobody from Acme will ever ask you for it.
If you did not ask for a code, you can ignore this email.
`)
})

test('of several codes each says which one it is', async () => {
  const { text } = await writer.write({ ...code, number: 2, total: 2 }, 'en')
  expect(text).toContain('Code 2 of 2, asked for at 10:42 UTC.')
})

test('a code that lives for seconds says seconds', async () => {
  const { text } = await writer.write({ ...code, expiresAt: new Date(code.askedAt.getTime() + 90_000) }, 'en')
  expect(text).toContain('(valid for 90 seconds)')
})

test.each(languageTags)(
  'R24: in %s the mail has code, times, app and origin, in HTML and text, and no digit in the subject',
  async (language) => {
    const { subject, text, html } = await writer.write({ ...code, number: 2, total: 3 }, language)

    expect(text.split('\n').filter((line) => line.includes('042137'))).toEqual(['042137'])
    expect(html).toContain('<p class="code" dir="ltr">042137</p>')
    expect(html).toContain(`<html lang="${language}" dir="${directionOf(language)}">`)
    expect(html).toMatch(/<h1>[^<]*Acme[^<]*<\/h1>/)
    for (const part of [text, html]) {
      expect(part).toContain('10:42')
      expect(part).toContain('10:52')
      expect(part).toContain('UTC')
      expect(part).toContain('Acme')
      expect(part).toMatch(/10/)
      expect(part).not.toMatch(/\{\{|\}\}|undefined|\p{Nd}(?<![0-9])/u)
    }
    expect(text).toContain('https://login.example.com')
    expect(subject).toContain('Acme')
    expect(subject).not.toMatch(/\d/)
  },
)

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"' }

/** What stands in the body, one line for each paragraph. */
function linesOf(html: string): string[] {
  const [, body = ''] = /<body>(.*)<\/body>/s.exec(html) ?? []
  const text = body.replace(/<[^>]*>/g, '')
  const unescaped = text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (_, hex, decimal, name) =>
    name === undefined ? String.fromCodePoint(hex ? Number.parseInt(hex, 16) : decimal) : (named[name] ?? ''),
  )
  return unescaped.split('\n').filter((line) => line.trim() !== '')
}

test.each(languageTags)(
  'in %s the HTML says all that the text does, and the digits one by one for who has it read aloud',
  async (language) => {
    const messages = await loadMessages(language)
    const { text, html } = await writer.write({ ...code, number: 2, total: 3 }, language)
    const [heading, , validity, asked, onlyAt, ignore] = text.split('\n').filter((line) => line !== '')

    const digits = messages.say('mail.digits', { digits: '0 4 2 1 3 7' })
    expect(linesOf(html)).toEqual(['Acme', heading, '042137', digits, validity, asked, onlyAt, ignore])
    const [before, after] = messages.say('mail.askedOneOf', { number: '2', total: '3', time: '@' }).split('@')
    expect(asked).toSatisfy((line: string) => line.startsWith(`${before}`) && line.endsWith(`${after}`))
    expect(onlyAt).toBe(messages.say('mail.onlyAt', { origin: 'https://login.example.com', appName: 'Acme' }))
    expect(ignore).toBe(messages.say('mail.ignore'))
  },
)

test('A25: nothing in the HTML can be followed, loaded or run', async () => {
  const { html } = await writer.write(code, 'en')
  expect(html).not.toMatch(
    /<(a|img|script|form|link|iframe|button|object)\b|\b(href|src|action|on\w+)\s*=|url\(/i,
  )
})

test('a language that a newer version wrote down is answered in English', async () => {
  expect((await writer.write(code, 'sv')).subject).toBe('Your code for Acme')
  expect((await writer.write(code, null)).subject).toBe('Your code for Acme')
})

test('the name of the app is text, whatever is in it', async () => {
  const hostile = createCodeMailWriter({
    appName: '<img src=x> "{{code}}"',
    publicOrigin: new URL('https://login.example.com'),
  })
  const { html, subject } = await hostile.write(code, 'ar')
  expect(html).not.toContain('<img')
  expect(subject).not.toMatch(/042137/)
})
