import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecretKey, production, Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { signIn } from '../src/sign-in.ts'

test('production without a key source exits 78 with one clear line and makes no file', async () => {
  const holdfast = await createInstallation(production)

  const server = holdfast.launch()

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(
    /^holdfast cannot start: SECRET_KEY: production needs a key source .*SECRET_KEY_SOURCE=file:.*\n$/,
  )
  expect(await readdir(holdfast.folder)).toEqual([])
})

test('production without a mail server and with a plain http origin names both faults at once', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY: createSecretKey() })

  const server = holdfast.launch({ env: { SMTP_URL: '', PUBLIC_ORIGIN: 'http://login.example.com' } })

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(
    /^holdfast cannot start: SMTP_URL: .*\nholdfast cannot start: PUBLIC_ORIGIN: .*\n$/,
  )
})

test('variables that look misspelt are warned of on one line, without their values, and the server starts', async () => {
  const holdfast = await createInstallation()
  const env = { SMPT_URL: 'smtp://user:hunter2@mail.example.com', LIMIT_SEND_PER_IP_PER_HOUR: '41999' }

  const server = await holdfast.start({ env })

  const said = server.process.logs.filter(({ message }) => message.includes('unknown variables'))
  expect(said).toMatchObject([
    {
      level: 'warn',
      message:
        'unknown variables are ignored: SMPT_URL (probably SMTP_URL), LIMIT_SEND_PER_IP_PER_HOUR (probably LIMIT_SENDS_PER_IP_PER_HOUR)',
    },
  ])
  expect(server.process.output).not.toMatch(/hunter2|41999/)
})

test('a variable that is missed because it was misspelt is told with the fault', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY: createSecretKey() })

  const server = holdfast.launch({ env: { SMTP_URL: '', SMPT_URL: 'smtp://user:hunter2@mail.example.com' } })

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(
    /^holdfast cannot start: SMTP_URL: .*\nholdfast cannot start: unknown variables are ignored: SMPT_URL \(probably SMTP_URL\)\n$/,
  )
  expect(server.output).not.toContain('hunter2')
})

test('a SECRET_KEY that is too short exits 78 and is not repeated in the line that says so', async () => {
  const holdfast = await createInstallation()

  const server = holdfast.launch({ env: { SECRET_KEY: 'tooshort-1234' } })

  expect(await server.exited).toBe(78)
  expect(server.stderr).toContain('SECRET_KEY: is shorter than 32 bytes')
  expect(server.output).not.toContain('tooshort-1234')
})

test('an argument that the server does not know exits 78 with one clear line', async () => {
  const holdfast = await createInstallation()

  const server = holdfast.launch({ args: ['--accept-key-los'] })

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(/^holdfast cannot start: unknown argument.* --accept-key-loss\n$/)
})

test('a DATA_DIR that cannot be made exits 78 with one clear line', async () => {
  const holdfast = await createInstallation()
  await writeFile(join(holdfast.folder, 'file'), '')

  const server = holdfast.launch({ env: { DATA_DIR: './file/data' } })

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(
    /^holdfast cannot start: the folder \S+ of the store cannot be made .*DATA_DIR.*\n$/,
  )
})

test
  .runIf(process.platform === 'linux')
  .each([
    { DATA_DIR: '/proc/holdfast' },
    { DATA_DIR: '/proc/self/holdfast/data' },
    { SECRET_KEY_SOURCE: 'file:/proc/holdfast/secret_key.txt' },
  ])('a folder in which nothing can be made ends the start with 78 and one clear line: %o', async (env) => {
  const holdfast = await createInstallation()

  const server = holdfast.launch({ env })

  expect(await server.exited).toBe(78)
  expect(server.stderr).toMatch(/^holdfast cannot start: .*\/proc\/.*\n$/)
})

test('production sets a __Host- cookie that is Secure, although its own connection is plain', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY: createSecretKey() })
  const server = await holdfast.start()

  const { visitor } = await signIn(holdfast, server)

  expect(visitor.setCookies).toHaveLength(2)
  const cookie = visitor.lastSetCookie()
  expect(cookie).toMatchObject({
    key: '__Host-holdfast',
    secure: true,
    httpOnly: true,
    sameSite: 'lax',
    path: '/',
    domain: null,
  })
  expect(await visitor.at(server).session()).toMatchObject({ view: { state: 'signed_in' } })
})

test.each([
  '/auth/session-debug',
  '/dev',
  '/dev/mail',
  '/dev/mail?to=person@example.com',
  '/dev/mail/x/html',
  '/dev/mailbox',
  '/dev/state',
  '/dev/pulse',
  '/dev/dev.html',
])('production answers 404 to %s', async (path) => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY: createSecretKey() })
  const server = await holdfast.start()

  const answer = await new Visitor().fetchAt(server)(`${server.origin}${path}`)

  expect(answer.status).toBe(404)
  expect(await answer.json()).toMatchObject({ code: 'not_found' })
})

test('production answers 421 to a host that is not its own, before it looks at anything else', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY: createSecretKey() })
  const server = await holdfast.start()

  const answer = await new Visitor().fetchAt(server)('https://login.example.org/auth/session')

  expect(answer.status).toBe(421)
})

test.each([
  ['0.0.0.0', true],
  ['127.0.0.1', false],
  ['localhost', false],
])('development that listens at %s warns of the network: %s', async (HOST, warns) => {
  const holdfast = await createInstallation({ HOST })
  const server = await holdfast.start()

  expect(server.process.output.includes('open to the network')).toBe(warns)
})
