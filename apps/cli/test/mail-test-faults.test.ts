import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { testMailServer } from '../src/mail/test-mail-server.ts'
import { createInstallation } from './installation.ts'
import { createCertificate, startMailServer } from './mail-server.ts'
import { type Reaction, startRawMailServer } from './raw-mail-server.ts'

interface TestedMail {
  accepted: boolean
  fault: { code: string; says: string; remedy: string }
  steps: { step: string; says: string }[]
}

/** As `holdfast mail test --json` does, in this process. */
async function testMail(smtpUrl: string) {
  const settings = {
    smtpUrl,
    from: 'codes@acme.example',
    dkim: undefined,
    appName: 'Acme',
    origin: 'http://localhost',
  }
  const { data, exitCode } = await testMailServer(settings, 'ada@example.com')
  const { accepted, fault, steps } = data as TestedMail
  expect({ exitCode, accepted }).toEqual({ exitCode: 1, accepted: false })
  return { ...fault, steps, last: steps.at(-1)?.step }
}

const answering =
  (answered: string, reply: string): Reaction =>
  (verb) =>
    verb === answered ? reply : undefined
const breakingAt =
  (broken: string): Reaction =>
  (verb, socket) => {
    if (verb === broken) socket.destroy()
    return undefined
  }

test.each([
  { verb: 'greeting', reply: '554 no service for you', code: 'session_refused' },
  { verb: 'greeting', reply: '421 too many of you', code: 'session_refused' },
  { verb: 'greeting', reply: 'HTTP/1.1 400 Bad Request', code: 'not_smtp' },
  { verb: 'AUTH', reply: '535 5.7.8', code: 'login_refused' },
  { verb: 'AUTH', reply: '454 4.7.0', code: 'login_put_off' },
  { verb: 'AUTH', reply: '538', code: 'tls_wanted' },
  { verb: 'MAIL', reply: '550 who are you', code: 'sender_refused' },
  { verb: 'MAIL', reply: '530 5.7.0 Must issue a STARTTLS command first', code: 'tls_wanted' },
  { verb: 'MAIL', reply: '451 later', code: 'sender_put_off' },
  { verb: 'MAIL', reply: '421 going away', code: 'sender_put_off' },
  { verb: 'RCPT', reply: '550 nobody here', code: 'recipient_refused' },
  { verb: 'RCPT', reply: '450 greylisted', code: 'recipient_put_off' },
  { verb: 'DATA', reply: '554 no', code: 'message_refused' },
  { verb: 'DATA', reply: '451 later', code: 'message_put_off' },
  { verb: '.', reply: '554-looks like\r\n554 spam', code: 'message_refused' },
  { verb: '.', reply: '452 no space', code: 'message_put_off' },
])('$verb answered with "$reply" is $code, and the reply is shown', async ({ verb, reply, code }) => {
  const { port } = await startRawMailServer(answering(verb, reply))

  const found = await testMail(`smtp://user:secret@127.0.0.1:${port}`)

  expect(found.code).toBe(code)
  expect(found.remedy.length).toBeGreaterThan(20)
  const shown = reply.replace(/-(.*)\r\n\d{3} /, ' $1, ')
  expect(found.steps.map(({ says }) => says)).toContainEqual(
    verb === 'greeting' && code === 'not_smtp' ? reply : shown,
  )
})

test.each(['greeting', 'EHLO', 'MAIL', 'RCPT', 'DATA', '.'])('a line that breaks at %s', async (verb) => {
  const { port } = await startRawMailServer(breakingAt(verb))

  const found = await testMail(`smtp://127.0.0.1:${port}`)

  expect(found.code).toBe('line_broken')
  expect(found.remedy).toContain(verb === '.' ? 'may have arrived' : 'its log says why')
})

const silent = (verb: string) => answering(verb, '')
const dripping: Reaction = (verb, socket) => {
  if (verb !== 'EHLO') return undefined
  const drip = setInterval(() => socket.write('2'), 300)
  socket.on('close', () => clearInterval(drip))
  return ''
}

test('a server that says nothing more, or next to nothing, is left at the deadline, and what was waited for is told', async () => {
  const silences = [
    { react: silent('greeting'), last: 'greeting', code: 'greeting_timeout' },
    { react: silent('EHLO'), last: 'EHLO', code: 'reply_timeout' },
    { react: dripping, last: 'EHLO', code: 'reply_timeout' },
    { react: silent('RCPT'), last: 'RCPT TO', code: 'reply_timeout' },
    { react: silent('.'), last: 'after the dot', code: 'reply_timeout' },
  ]

  // Each takes the ten seconds of the deadline: together they take no more.
  const found = await Promise.all(
    silences.map(async ({ react }) => testMail(`smtp://127.0.0.1:${(await startRawMailServer(react)).port}`)),
  )

  expect(found).toMatchObject(silences.map(({ last, code }) => ({ last, code })))
  for (const { says } of found) expect(says).toContain('within 10 s')
})

test('a server that does not answer to QUIT has taken the message nevertheless', async () => {
  const holdfast = await createInstallation()
  const { port } = await startRawMailServer(answering('QUIT', ''))

  const { exitCode, stdout } = await holdfast.holdfast('mail test --to ada@example.com', {
    SMTP_URL: `smtp://127.0.0.1:${port}`,
  })

  expect(exitCode).toBe(0)
  expect(stdout).toMatch(/^ +QUIT +\d+ ms {2}no answer$/m)
})

test('a port where nothing listens, and a name that nobody has', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await new Promise((resolve) => taken.close(resolve))

  expect(await testMail(`smtp://127.0.0.1:${port}`)).toMatchObject({
    code: 'connection_refused',
    last: 'connect',
  })
  // Longer than a name may be: that is found out without a DNS, which may answer late or not at all.
  const name = `${'a'.repeat(64)}.invalid`
  const named = await testMail(`smtp://${name}`)
  expect(named.code).toMatch(/^(no_such_host|dns_failed)$/)
  expect(named.says).toContain(name)
})

test('a server without STARTTLS on another machine is told nothing, and what to do is said', async () => {
  const { port, verbs } = await startRawMailServer(() => undefined)

  // Another name for this machine: only loopback names go without TLS.
  const found = await testMail(`smtp://user:secret@0.0.0.0:${port}`)

  expect(found).toMatchObject({ code: 'no_starttls', last: 'STARTTLS' })
  expect(found.remedy).toContain('smtps://')
  expect(verbs).not.toContain('AUTH')
})

test('R26, A39: a certificate that nobody vouches for is not taken of another machine, and no login is sent', async () => {
  const logins: string[] = []
  const server = await startMailServer({
    ...(await createCertificate(['localhost'])),
    onAuth: ({ username = '' }, _session, done) => {
      logins.push(username)
      done(null, { user: username })
    },
  })

  const found = await testMail(`smtp://user:secret@0.0.0.0:${server.port}`)

  expect(found).toMatchObject({ code: 'certificate_self_signed', last: 'TLS' })
  expect([...logins, ...server.messages]).toEqual([])
})

test('smtps:// to a port that speaks SMTP first', async () => {
  const { port } = await startRawMailServer(() => undefined)

  expect(await testMail(`smtps://127.0.0.1:${port}`)).toMatchObject({
    code: 'tls_failed',
    last: 'connect, TLS',
  })
})

test('a user without a password, and a server that offers no login', async () => {
  const { port } = await startRawMailServer((verb) =>
    verb === 'EHLO' ? '250 peer' : verb === 'MAIL' ? '530 log in first' : undefined,
  )
  const { port: offering } = await startRawMailServer(() => undefined)

  const unused = await testMail(`smtp://user:secret@127.0.0.1:${port}`)
  expect(unused.code).toBe('sender_refused')
  expect(unused.remedy).toContain('it offered no login (AUTH)')
  expect((await testMail(`smtp://127.0.0.1:${port}`)).remedy).toContain('smtp://user:password@host:587')
  expect((await testMail(`smtp://user@127.0.0.1:${offering}`)).code).toBe('login_impossible')
})

const dayMs = 86_400_000

describe.each(['smtp', 'smtps'])('a certificate over %s://', (scheme) => {
  test.each([
    { names: ['localhost'], isTrusted: false, code: 'certificate_self_signed' },
    { names: ['mail.acme.example'], isTrusted: true, code: 'certificate_wrong_host' },
    {
      names: ['localhost'],
      isTrusted: true,
      fromMs: -2 * dayMs,
      untilMs: -dayMs,
      code: 'certificate_expired',
    },
    {
      names: ['localhost'],
      isTrusted: true,
      fromMs: dayMs,
      untilMs: 2 * dayMs,
      code: 'certificate_not_yet_valid',
    },
  ])('that is $code is not taken', async ({ names, isTrusted, code, ...times }) => {
    const holdfast = await createInstallation()
    const certificate = await createCertificate(names, times)
    const server = await startMailServer({ ...certificate, secure: scheme === 'smtps' })
    const file = join(holdfast.folder, 'authority.pem')
    await writeFile(file, certificate.cert)

    const { exitCode, json } = await holdfast.holdfast('mail test --json --to ada@example.com', {
      SMTP_URL: `${scheme}://user:secret@localhost:${server.port}?requireTLS=true`,
      ...(isTrusted ? { NODE_EXTRA_CA_CERTS: file } : {}),
    })

    const { fault, steps } = json as unknown as TestedMail
    expect(exitCode).toBe(1)
    expect(fault.code).toBe(code)
    expect(steps.at(-1)?.step).toBe(scheme === 'smtps' ? 'connect, TLS' : 'TLS')
    if (code === 'certificate_wrong_host') expect(fault.says).toContain('DNS:mail.acme.example')
    expect(server.messages).toEqual([])
  })
})
