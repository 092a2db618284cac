import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSecretKey, type Installation, production, Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, signedInView, wrongCode } from '../src/sign-in.ts'

// Codes of ten digits: no time stamp and no count holds one by chance.
const settings = { ...production, OTP_LENGTH: '10', LOG_LEVEL: 'debug' }

/** Signs somebody in, with a wrong code on the way and a kill after it; tells what was secret in it. */
async function signInWithSecrets(holdfast: Installation) {
  const first = await holdfast.start()
  const { visitor, email, code } = await askForCode(holdfast, first)
  const guess = wrongCode(code)
  await visitor.at(first).verify({ code: guess })
  const before = await visitor.token(first)
  await first.process.kill()

  const second = await holdfast.start()
  const view = signedInView(await visitor.at(second).verify({ code }))
  const after = await visitor.token(second)
  const twin = await visitor.twin()
  await visitor.at(second).sessions()
  await visitor.at(second).check()
  await visitor.at(second).logout()
  // Refused from here on, and told so in the log and the ledger.
  await twin.at(second).check()
  await twin.at(second).endSession(view.signIn.id)
  const waiting = await askForCode(holdfast, second)
  const tokens = [before, after, await waiting.visitor.token(second)]
  return {
    servers: [first, second],
    email,
    accountId: view.account.id,
    codes: [code, guess, waiting.code],
    tokens,
    sessionIds: tokens.map((token) => token.split('.')[2] ?? ''),
  }
}

test('the log of production has no code, no token, no key and no full address, at its most talkative', async () => {
  const SECRET_KEY = createSecretKey()
  const holdfast = await createInstallation({ ...settings, SECRET_KEY })
  const { servers, codes, tokens, sessionIds, email } = await signInWithSecrets(holdfast)
  await servers[1]?.process.stop()

  const written = servers.map((server) => server.process.output).join('')
  expect(written).toContain('"message":"code sent"')
  expect(written).toContain('"code":"code_incorrect"')
  expect(written).toContain('"message":"signed in"')
  expect(written).toContain('"reason":"signed_out"')
  for (const secret of [...codes, ...tokens, ...sessionIds, SECRET_KEY, email]) {
    expect(written).not.toContain(secret)
  }
})

test('the log has no full address when a mail server names it in its refusal', async () => {
  const holdfast = await createInstallation({ ...settings, SECRET_KEY: createSecretKey() })
  holdfast.mailServer.refuse('nobody@example.com', '5.1.1 <nobody@example.com>: Recipient address rejected')
  const server = await holdfast.start()

  await new Visitor().at(server).send({ email: 'nobody@example.com' })
  await server.process.log(({ message }) => message === 'code failed')

  expect(server.process.output).not.toContain('nobody@example.com')
})

test('a diagnostic report of the process, which lists its environment, has neither key, password nor token', async () => {
  const secrets = {
    SECRET_KEY: createSecretKey(),
    SECRET_KEY_FALLBACKS: createSecretKey(),
    METRICS_TOKEN: 'canary-metrics-token',
  }
  const holdfast = await createInstallation({ ...settings, ...secrets })
  const { host } = new URL(holdfast.mailServer.url)
  const reporter = join(holdfast.folder, 'reporter.mjs')
  await writeFile(reporter, `process.on('exit', () => process.report.writeReport('report.json'))`)
  const server = await holdfast.start({
    env: { SMTP_URL: `smtp://ada:canary-password@${host}`, NODE_OPTIONS: `--import=${reporter}` },
  })

  expect(await server.process.stop()).toBe(0)

  const report = await readFile(join(holdfast.folder, 'report.json'), 'utf8')
  expect(JSON.parse(report).environmentVariables).toMatchObject({ OTP_LENGTH: settings.OTP_LENGTH })
  for (const secret of [...Object.values(secrets), 'canary-password']) expect(report).not.toContain(secret)
})

test('the data folder holds no code, no token and no session id in clear, neither sealed away nor forgotten', async () => {
  const SECRET_KEY = createSecretKey()
  const holdfast = await createInstallation({ ...settings, SECRET_KEY })
  const { codes, tokens, sessionIds, accountId } = await signInWithSecrets(holdfast)

  // While the server runs: what it wrote last is in the write-ahead log beside the database.
  const files = await readdir(holdfast.dataFolder)
  expect(files).toEqual(expect.arrayContaining(['holdfast.db', 'holdfast.db-wal']))
  const kept = Buffer.concat(
    await Promise.all(files.map((name) => readFile(join(holdfast.dataFolder, name)))),
  )
  expect(kept.includes(accountId)).toBe(true)
  for (const secret of [...codes, ...tokens, ...sessionIds, SECRET_KEY, Buffer.from(SECRET_KEY, 'hex')]) {
    expect(kept.includes(secret)).toBe(false)
  }
})

test('a stolen store is worth nothing without its key: a server with another key opens none of its sessions', async () => {
  const holdfast = await createInstallation({ SECRET_KEY: createSecretKey() })
  const server = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, server)
  await server.process.kill()

  const thief = await holdfast.start({ env: { SECRET_KEY: createSecretKey() } })

  expect(await visitor.at(thief).verify({ code })).toMatchObject({ problem: { reason: 'key_unknown' } })
})
