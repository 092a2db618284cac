import { expect, test } from 'vitest'
import { createCodeMailWriter } from '../src/mail/code-mail-writer.ts'
import { readTemplates } from '../src/mail/mail-templates.ts'
import { writeFolder } from './written-folder.ts'

const text = 'Code:\n\n{{code}}\n'
const html = '<p>{{appName}}</p><p>{{code}}</p>'
const code = {
  to: 'ada@example.com',
  code: '042137',
  number: 1,
  total: 1,
  verificationId: 'abc',
  askedAt: new Date(0),
  expiresAt: new Date(600_000),
}

async function faultsOf(files: Record<string, string>): Promise<string[]> {
  const read = await readTemplates(await writeFolder(files))
  return read.ok ? [] : read.faults
}

async function mailBy(files: Record<string, string>, language: string, appName = 'Acme') {
  const read = await readTemplates(await writeFolder(files))
  if (!read.ok) throw new Error(read.faults.join('\n'))
  const publicOrigin = new URL('https://login.example.com')
  return createCodeMailWriter({ appName, publicOrigin, templates: read.templates }).write(code, language)
}

test('templates for all languages take the place of those of Holdfast, words and all', async () => {
  const files = { 'code.txt': '{{heading}}\n\n{{code}}\n{{expiresAt}}\n', 'code.html': html }

  const mail = await mailBy(files, 'de')

  expect(mail.text).toBe('Ihr Code zur Anmeldung bei Acme\n\n042137\n00:10 UTC\n')
  expect(mail.html).toBe('<p>Acme</p><p>042137</p>')
  expect(mail.subject).toBe('Ihr Code für Acme')
})

test('templates for one language are for that one alone', async () => {
  const files = { 'code.de.txt': text, 'code.de.html': html, 'code.de.subject': 'Moin von {{appName}}\n' }

  expect(await mailBy(files, 'de')).toMatchObject({
    subject: 'Moin von Acme',
    html: '<p>Acme</p><p>042137</p>',
  })
  expect((await mailBy(files, 'fr')).html).toContain('<html lang="fr" dir="ltr">')
})

test('what is filled in is escaped in HTML, and as it is in text and subject', async () => {
  const appName = '<b>"A" & {{code}}</b>'
  const mail = await mailBy({ 'code.txt': `{{appName}}\n${text}`, 'code.html': html }, 'en', appName)

  expect(mail.html).toBe('<p>&lt;b&gt;&quot;A&quot; &amp; {{code}}&lt;&#x2F;b&gt;</p><p>042137</p>')
  expect(mail.text).toContain(`${appName}\n`)
  expect(mail.subject).toBe(`Your code for ${appName}`)
})

test.each([
  [
    'an unknown placeholder',
    { 'code.txt': `${text}{{nmae}}`, 'code.html': html },
    /^code\.txt: unknown placeholder \{\{nmae\}\}; known are .*appName/,
  ],
  [
    'what every object has',
    { 'code.txt': `${text}{{constructor}}`, 'code.html': html },
    /^code\.txt: unknown placeholder/,
  ],
  ['no code in the text', { 'code.txt': 'Hello', 'code.html': html }, /^code\.txt: \{\{code\}\} is missing/],
  [
    'no code in the HTML',
    { 'code.txt': text, 'code.html': '<p></p>' },
    /^code\.html: \{\{code\}\} is missing/,
  ],
  [
    'a code within a line',
    { 'code.txt': 'Code: {{code}}', 'code.html': html },
    /^code\.txt: \{\{code\}\} must be alone/,
  ],
  [
    'a code in the subject',
    { 'code.txt': text, 'code.html': html, 'code.subject': '{{code}}' },
    /^code\.subject: shows the code/,
  ],
  [
    'its digits in the subject',
    { 'code.txt': text, 'code.html': html, 'code.subject': '{{digits}}' },
    /^code\.subject: shows the code/,
  ],
  [
    'a subject of two lines',
    { 'code.txt': text, 'code.html': html, 'code.subject': 'a\nBcc: b' },
    /^code\.subject: has more than one line/,
  ],
  [
    'a section',
    { 'code.txt': `${text}{{#code}}x{{/code}}`, 'code.html': html },
    /^code\.txt: \{\{#code\}\} is not possible/,
  ],
  [
    'a part of another file',
    { 'code.txt': `${text}{{> other}}`, 'code.html': html },
    /^code\.txt: \{\{>other\}\} is not possible/,
  ],
  ['other brackets', { 'code.txt': `{{=<% %>=}}${text}`, 'code.html': html }, /^code\.txt: \{\{=/],
  [
    'what is not escaped',
    { 'code.txt': text, 'code.html': `${html}{{{appName}}}` },
    /^code\.html: \{\{\{appName\}\}\} would not be escaped/,
  ],
  [
    'a bracket that is not closed',
    { 'code.txt': `${text}{{code`, 'code.html': html },
    /^code\.txt: does not parse: Unclosed tag/,
  ],
  [
    'a section that is not closed',
    { 'code.txt': `${text}{{#code}}`, 'code.html': html },
    /^code\.txt: does not parse: Unclosed section/,
  ],
  [
    'a mail that is too long',
    { 'code.txt': text, 'code.html': html + 'x'.repeat(100_000) },
    /^code\.html: is longer than/,
  ],
  [
    'half a mail',
    { 'code.de.html': html },
    /^code\.de\.txt: is missing; the other files of code\.de need it/,
  ],
  ['a subject alone', { 'code.subject': 'Hello' }, /^code\.html: is missing/],
  [
    'a language that there is not',
    { 'code.sv.html': html, 'code.sv.txt': text },
    /^code\.sv\.html: no template has this name; expected .*pt-BR/,
  ],
  ['another name', { 'cod.html': html }, /^cod\.html: no template has this name/],
  ['an empty folder', {}, /^the folder is empty/],
])('%s is refused, by the name of the file', async (_, files, fault) => {
  expect((await faultsOf(files))[0]).toMatch(fault)
})

test('a folder that is not there is refused', async () => {
  const read = await readTemplates('/nowhere/at/all')
  expect(read).toEqual({ ok: false, faults: ['the folder cannot be read (ENOENT)'] })
})

test('the faults of all files are told at once', async () => {
  const faults = await faultsOf({
    'code.txt': '{{a}}',
    'code.html': '{{b}}',
    'code.de.subject': '{{code}}',
    x: '',
  })
  expect(faults.map((fault) => fault.slice(0, fault.indexOf(':')))).toEqual([
    'code.de.subject',
    'code.html',
    'code.html',
    'code.txt',
    'code.txt',
    'x',
    'code.de.html',
    'code.de.txt',
  ])
})
