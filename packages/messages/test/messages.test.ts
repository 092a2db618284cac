import { expect, test } from 'vitest'
import { directionOf, languageTags } from '../src/index.ts'
import { loadMessages } from '../src/load-messages.ts'

test('a message is said with its values in it', async () => {
  const messages = await loadMessages('de')
  expect(messages.say('mail.subject', { appName: 'Acme' })).toBe('Ihr Code für Acme')
  expect(messages.say('address.send')).toBe('Code per E-Mail senden')
})

test.each([
  ['en', 1, 'One try left.'],
  ['en', 4, '4 tries left.'],
  ['pl', 1, 'Została jedna próba.'],
  ['pl', 3, 'Zostały 3 próby.'],
  ['pl', 5, 'Zostało 5 prób.'],
  ['ja', 2, 'あと 2 回入力できます。'],
  ['ar', 2, 'بقيت محاولتان.'],
  ['ar', 3, 'بقيت 3 محاولات.'],
] as const)('in %s, %i tries are counted as the language counts', async (language, count, words) => {
  const messages = await loadMessages(language)
  expect(messages.say('code.triesLeft', { count })).toBe(words)
})

test('a message with a strong part comes in stretches, in the order of the language', async () => {
  const values = { email: 'a•••@example.com' }
  const english = (await loadMessages('en')).parts('delivery.sent', values)
  expect(english).toEqual([
    { text: 'We sent a code to ', isStrong: false },
    { text: 'a•••@example.com', isStrong: true },
  ])
  const turkish = (await loadMessages('tr')).parts('expired.lead', values)
  expect(turkish.map(({ isStrong }) => isStrong)).toEqual([false, true, false])
})

test('what fills an Arabic message is kept apart from the direction around it', async () => {
  const messages = await loadMessages('ar')
  expect(messages.say('mail.asked', { time: '10:42 UTC' })).toContain('\u206810:42 UTC\u2069')
})

test('a value with brackets, tags or quotation marks in it is said as it is', async () => {
  const messages = await loadMessages('en')
  const appName = "<b>{count}</b> '#'"
  expect(messages.say('mail.subject', { appName })).toBe(`Your code for ${appName}`)
})

test('there are twelve languages, by their BCP 47 tags', () => {
  const promised = ['en', 'de', 'fr', 'es', 'pt-BR', 'it', 'nl', 'pl', 'tr', 'ja', 'zh-CN', 'ar']
  expect(languageTags.toSorted()).toEqual(promised.toSorted())
})

test('only Arabic runs from right to left', () => {
  expect(languageTags.filter((language) => directionOf(language) === 'rtl')).toEqual(['ar'])
})
