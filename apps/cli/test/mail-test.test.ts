import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createInstallation, type Installation } from './installation.ts'
import { createCertificate, startMailServer } from './mail-server.ts'
import { startRawMailServer } from './raw-mail-server.ts'

const password = 'p@ss:w/rd'
const login = `ada:${encodeURIComponent(password)}`
const stepsWithoutTls = [
  'DNS lookup',
  'connect',
  'greeting',
  'EHLO',
  'MAIL FROM',
  'RCPT TO',
  'DATA',
  'message',
  'after the dot',
  'QUIT',
]

async function trust(holdfast: Installation, cert: string): Promise<Record<string, string>> {
  const file = join(holdfast.folder, 'authority.pem')
  await writeFile(file, cert)
  return { NODE_EXTRA_CA_CERTS: file }
}

function stepsOf(json: Record<string, unknown>): string[] {
  return (json.steps as { step: string }[]).map(({ step }) => step)
}

test('mail test sends one message, and tells each step with its time and the reply', async () => {
  const holdfast = await createInstallation()
  const server = await startMailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
  const SMTP_URL = `smtp://127.0.0.1:${server.port}`
  const env = { SMTP_URL, MAIL_FROM: 'Acme <codes@acme.example>', APP_NAME: 'Acme' }

  const { exitCode, stdout, stderr } = await holdfast.holdfast('mail test --to Ada@EXAMPLE.com', env)

  expect(stderr).toBe('')
  expect(exitCode).toBe(0)
  expect(stdout).toContain('A test message to ada@example.com, from Acme <codes@acme.example>')
  for (const step of stepsWithoutTls) expect(stdout).toMatch(new RegExp(`^ +${step} +\\d+ ms +\\S`, 'm'))
  expect(stdout).toMatch(/^ +after the dot +\d+ ms {2}250 queued as 7$/m)
  expect(stdout).toMatch(/^Accepted: the mail server took the message over/m)
  expect(server.messages).toHaveLength(1)
  expect(server.messages[0]).toMatch(/^From: Acme <codes@acme\.example>\r$/m)
  expect(server.messages[0]).toMatch(/^To: ada@example\.com\r$/m)
  expect(server.messages[0]).toMatch(/^Auto-Submitted: auto-generated\r$/m)
})

test('mail test --json tells the same to machines', async () => {
  const holdfast = await createInstallation()
  const server = await startMailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })

  const { exitCode, json } = await holdfast.holdfast('mail test --json --to ada@example.com', {
    SMTP_URL: `smtp://127.0.0.1:${server.port}`,
  })

  expect(exitCode).toBe(0)
  expect(json).toMatchObject({
    ok: true,
    accepted: true,
    host: '127.0.0.1',
    port: server.port,
    user: null,
    from: 'Holdfast <holdfast@localhost>',
    to: 'ada@example.com',
    dkim: null,
  })
  expect(stepsOf(json)).toEqual(stepsWithoutTls)
  expect(json.steps).toContainEqual({
    step: 'RCPT TO',
    ms: expect.any(Number),
    replyCode: 250,
    says: '250 Accepted',
  })
})

test.each([
  {
    scheme: 'smtp',
    secure: false,
    steps: ['connect', 'greeting', 'EHLO', 'STARTTLS', 'TLS', 'EHLO', 'AUTH PLAIN', 'MAIL FROM'],
  },
  { scheme: 'smtps', secure: true, steps: ['connect, TLS', 'greeting', 'EHLO', 'AUTH PLAIN', 'MAIL FROM'] },
])('over $scheme:// it logs in under TLS, and shows the certificate', async ({ scheme, secure, steps }) => {
  const holdfast = await createInstallation()
  const certificate = await createCertificate(['localhost'])
  const server = await startMailServer({
    ...certificate,
    secure,
    authOptional: false,
    onAuth: (given, _session, done) =>
      given.username === 'ada' && given.password === password
        ? done(null, { user: 'ada' })
        : done(new Error('wrong')),
  })

  const { exitCode, json, stdout } = await holdfast.holdfast('mail test --json --to ada@example.com', {
    ...(await trust(holdfast, certificate.cert)),
    SMTP_URL: `${scheme}://${login}@localhost:${server.port}?requireTLS=true`,
  })

  expect(exitCode).toBe(0)
  expect(json.user).toBe('ada')
  expect(stepsOf(json).slice(1, steps.length + 1)).toEqual(steps)
  expect(stdout).toMatch(/certificate of localhost, good until \d{4}-\d\d-\d\d/)
})

const forms = [
  password,
  password.toUpperCase(),
  encodeURIComponent(password),
  Buffer.from(password).toString('base64'),
  Buffer.from(password).toString('base64').replace(/=+$/, ''),
  Buffer.from(`\0ada\0${password}`).toString('base64'),
  Buffer.from(`ada:${password}`).toString('base64'),
]
const eitherOutput = ['mail test --to ada@example.com', 'mail test --json --to ada@example.com']

test('of the reply to a login only the codes are shown', async () => {
  const holdfast = await createInstallation()
  const { port } = await startRawMailServer((verb) =>
    verb === 'AUTH' ? `535-5.7.8 who is\r\n535 5.7.8 ${forms.join(' or ')}` : undefined,
  )
  const env = { SMTP_URL: `smtp://${login}@127.0.0.1:${port}` }

  for (const args of eitherOutput) {
    const { exitCode, stdout, stderr } = await holdfast.holdfast(args, env)
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/AUTH PLAIN +\d+ ms {2}535 5\.7\.8$|"says":"535 5\.7\.8"/m)
    expect(stdout).not.toContain('who is')
    for (const form of forms) expect(stdout + stderr).not.toContain(form)
  }
})

test('no form of the password is shown, not even where the server repeats it later', async () => {
  const holdfast = await createInstallation()
  const { port } = await startRawMailServer((verb) =>
    verb === 'RCPT' ? `550 who is ${forms.join(' or ')}` : undefined,
  )
  const env = { SMTP_URL: `smtp://${login}@127.0.0.1:${port}` }

  for (const args of eitherOutput) {
    const { exitCode, stdout, stderr } = await holdfast.holdfast(args, env)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('550 who is (secret) or (secret)')
    for (const form of forms) expect(stdout + stderr).not.toContain(form)
  }
})

test('a user that is the password too, as some providers have it, is not shown', async () => {
  const holdfast = await createInstallation()
  const { port } = await startRawMailServer(() => undefined)
  const env = { SMTP_URL: `smtp://canary-token:canary-token@127.0.0.1:${port}` }

  const told = await holdfast.holdfast('mail test --to ada@example.com', env)
  expect(told.stdout).toContain('as user (secret)')
  expect(told.stdout + told.stderr).not.toContain('canary')

  const { json, stdout } = await holdfast.holdfast('mail test --json --to ada@example.com', env)
  expect(json).toMatchObject({ accepted: true, user: '(secret)' })
  expect(stdout).not.toContain('canary')
})

test('a message is signed where DKIM is set', async () => {
  const holdfast = await createInstallation()
  const server = await startMailServer({ disabledCommands: ['STARTTLS', 'AUTH'] })
  const file = join(holdfast.folder, 'dkim.pem')
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  await writeFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const SMTP_URL = `smtp://127.0.0.1:${server.port}`
  const dkim = { DKIM_DOMAIN: 'acme.example', DKIM_SELECTOR: 's1', DKIM_KEY_FILE: file }

  const { exitCode, stdout } = await holdfast.holdfast('mail test --to ada@example.com', {
    SMTP_URL,
    ...dkim,
  })

  expect(exitCode).toBe(0)
  expect(stdout).toContain('signed for acme.example (DKIM)')
  expect(server.messages[0]).toMatch(/^DKIM-Signature: .*d=acme\.example/m)
})

test('in development without SMTP_URL it says that mails go to the developer mailbox', async () => {
  const holdfast = await createInstallation()

  const { exitCode, stdout, stderr } = await holdfast.holdfast('mail test --to ada@example.com')

  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' })
  expect(stderr).toMatch(/^holdfast: SMTP_URL is not set.* the log and the developer mailbox/)
})

test.each([
  { env: { NODE_ENV: 'production' }, says: [/^holdfast: SMTP_URL: production needs a mail server/] },
  { env: { SMTP_URL: 'http://secret@mail' }, says: [/^holdfast: SMTP_URL: expected smtp:/] },
  {
    env: { SMTP_URL: 'smtp://m', MAIL_FROM: 'two, of them', DKIM_SELECTOR: 's' },
    says: [
      /^holdfast: MAIL_FROM: expected one/,
      /DKIM_DOMAIN: is needed to sign/,
      /DKIM_KEY_FILE: is needed/,
    ],
  },
  {
    env: { SMTP_URL: 'smtp://m', DKIM_DOMAIN: 'a.example', DKIM_SELECTOR: 's', DKIM_KEY_FILE: '/nowhere' },
    says: [/^holdfast: DKIM_KEY_FILE: cannot be read \(ENOENT\)$/],
  },
])('settings that no server would start with ($env) exit 78, one line a fault', async ({ env, says }) => {
  const holdfast = await createInstallation()

  const { exitCode, stdout, stderr } = await holdfast.holdfast('mail test --to ada@example.com', env)

  expect({ exitCode, stdout }).toEqual({ exitCode: 78, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toEqual(says.map((line) => expect.stringMatching(line)))
  expect(stderr).not.toContain('secret')
})

test.each([
  { args: 'mail test', says: "required option '--to <address>' not specified" },
  { args: 'mail test --to ada', says: 'expected one address, such as you@example.com' },
  { args: 'mail test --to a@b.example,c@d.example', says: 'expected one address' },
])('holdfast $args says what is wrong', async ({ args, says }) => {
  const holdfast = await createInstallation()

  const { exitCode, stderr } = await holdfast.holdfast(args, { SMTP_URL: 'smtp://127.0.0.1:9' })

  expect(exitCode).toBe(1)
  expect(stderr).toContain(says)
})
