import { generateKeyPairSync } from 'node:crypto'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode } from '../src/sign-in.ts'

test('templates with faults exit 78 before anything is made, one line a fault, by file and reason', async () => {
  const holdfast = await createInstallation()
  const folder = join(holdfast.folder, 'mails')
  await mkdir(folder)
  await writeFile(join(folder, 'code.de.html'), '<p>{{kode}}</p>')

  const server = holdfast.launch({ env: { MAIL_TEMPLATES_DIR: folder } })

  expect(await server.exited).toBe(78)
  expect(server.stderr.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      /^holdfast cannot start: MAIL_TEMPLATES_DIR: code\.de\.html: unknown placeholder \{\{kode\}\}/,
    ),
    expect.stringMatching(
      /^holdfast cannot start: MAIL_TEMPLATES_DIR: code\.de\.html: \{\{code\}\} is missing$/,
    ),
    expect.stringMatching(/^holdfast cannot start: MAIL_TEMPLATES_DIR: code\.de\.txt: is missing/),
  ])
  expect(await readdir(holdfast.folder)).toEqual(['mails'])
})

test('a mail is written by the templates of the operator, in the language of the browser', async () => {
  const holdfast = await createInstallation()
  const folder = join(holdfast.folder, 'mails')
  await mkdir(folder)
  await writeFile(join(folder, 'code.txt'), 'ACME\n\n{{code}}\n\n{{validity}}\n')
  await writeFile(join(folder, 'code.html'), '<!doctype html><p>ACME {{code}}</p>')
  const server = await holdfast.start({ env: { MAIL_TEMPLATES_DIR: folder } })

  await fetch(`${server.origin}/auth/otp/send`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Accept-Language': 'de-CH, en;q=0.5' },
    body: JSON.stringify({ email: 'ada@example.com' }),
  })
  const { message, code } = await holdfast.mailServer.nextMail('ada@example.com')

  expect(message.subject).toBe('Ihr Code für Holdfast')
  expect(message.text).toMatch(
    new RegExp(`^ACME\n\n${code}\n\nEr gilt einmal und läuft um \\d\\d:\\d\\d UTC ab`),
  )
  expect(message.html).toContain(`<p>ACME ${code}</p>`)
})

test('a mail has the accent colour of the operator', async () => {
  const holdfast = await createInstallation({ ACCENT_COLOR: '#8a1c4a' })
  const server = await holdfast.start()

  await fetch(`${server.origin}/auth/otp/send`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: 'ada@example.com' }),
  })
  const { message } = await holdfast.mailServer.nextMail('ada@example.com')

  expect(message.html).toContain('.app { margin: 0 0 20px; color: #8a1c4a;')
})

test('where DKIM is set, the mails of codes are signed for its domain, by its selector', async () => {
  const holdfast = await createInstallation()
  const DKIM_KEY_FILE = join(holdfast.folder, 'dkim.pem')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(DKIM_KEY_FILE, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const server = await holdfast.start({
    env: { DKIM_DOMAIN: 'acme.example', DKIM_SELECTOR: 's1', DKIM_KEY_FILE },
  })

  await askForCode(holdfast, server)

  const [mail] = holdfast.mailServer.mails
  expect(mail?.message.headers.get('dkim-signature')).toMatchObject({
    params: { a: 'rsa-sha256', d: 'acme.example', s: 's1', bh: expect.any(String), b: expect.any(String) },
  })
})

test('a DKIM key that cannot be read exits 78, and so does one variable of DKIM alone', async () => {
  const holdfast = await createInstallation({ SMTP_URL: 'smtp://127.0.0.1:9', DKIM_DOMAIN: 'example.com' })

  const alone = holdfast.launch()
  expect(await alone.exited).toBe(78)
  expect(alone.stderr).toContain('DKIM_SELECTOR: is needed to sign mails')

  const unread = holdfast.launch({ env: { DKIM_SELECTOR: 's1', DKIM_KEY_FILE: '/nowhere/dkim.pem' } })
  expect(await unread.exited).toBe(78)
  expect(unread.stderr).toBe('holdfast cannot start: DKIM_KEY_FILE: cannot be read (ENOENT)\n')
})
