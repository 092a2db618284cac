import { createSecretKey, production, Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { problemOf, signedInView, signIn } from '../src/sign-in.ts'

test('a code is mailed to one recipient, under the canonical form of the address', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const visitor = new Visitor()

  await visitor.at(server).send({ email: ' Ada.Lovelace+HF@EXAMPLE.com ' })
  const mail = await holdfast.mailServer.nextMail('ada.lovelace+hf@example.com')

  expect(mail.recipients).toEqual(['ada.lovelace+hf@example.com'])
  expect(mail.message.to).toMatchObject({ value: [{ address: 'ada.lovelace+hf@example.com' }] })
  const view = signedInView(await visitor.at(server).verify({ code: mail.code }))
  expect(view.account.email).toBe('ada.lovelace+hf@example.com')
})

test('a mail has the code alone on a line, none in the subject, and says that a machine sent it', async () => {
  const holdfast = await createInstallation({ APP_NAME: 'Acme' })
  const server = await holdfast.start()

  await new Visitor().at(server).send({ email: 'ada@example.com' })
  const { message, code } = await holdfast.mailServer.nextMail('ada@example.com')

  expect(code).toMatch(/^\d{6}$/)
  expect(message.text?.split('\n').filter((line) => line.includes(code))).toEqual([code])
  expect(message.html).toContain(`>${code}<`)
  expect(message.subject).toBe('Your code for Acme')
  expect(message.headers.get('auto-submitted')).toBe('auto-generated')
  expect(message.headers.get('x-auto-response-suppress')).toBe('All')
  expect(message.messageId).toMatch(/^<.+@localhost>$/)
})

test.each([
  'attacker@example.org,ada@example.com',
  'ada@example.com\r\nBcc: attacker@example.org',
  'friends:ada@example.com,attacker@example.org;',
  '"attacker@example.org"@example.com',
  'Ada <ada@example.com>',
])(
  'an address that a mail library could read as another or as several, %j, is refused and never mailed',
  async (email) => {
    const holdfast = await createInstallation()
    const server = await holdfast.start()

    const refused = problemOf(await new Visitor().at(server).send({ email }))
    expect(refused).toMatchObject({ code: 'invalid_request', status: 422 })

    // A mail that follows shows that nothing was on its way before it.
    await signIn(holdfast, server)
    await server.process.stop()
    expect(holdfast.mailServer.mails).toHaveLength(1)
  },
)

test('a code that is asked for while the mail server is down is mailed after a restart, once it is up', async () => {
  const holdfast = await createInstallation()
  await holdfast.mailServer.close()
  const first = await holdfast.start()
  const visitor = new Visitor()
  const answer = await visitor.at(first).send({ email: 'ada@example.com' })
  expect(answer).toMatchObject({ ok: true, view: { verification: { delivery: 'queued' } } })
  await first.process.log(({ message }) => message === 'code delayed')
  expect(await visitor.at(first).session()).toMatchObject({ view: { verification: { delivery: 'delayed' } } })

  await first.process.kill()
  await holdfast.mailServer.open()
  const second = await holdfast.start()
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')

  signedInView(await visitor.at(second).verify({ code }))
})

test('a code that waits for the mail server is not mailed any more after it was cancelled', async () => {
  const holdfast = await createInstallation()
  await holdfast.mailServer.close()
  const first = await holdfast.start()
  const visitor = new Visitor()
  await visitor.at(first).send({ email: 'ada@example.com' })
  await first.process.log(({ message }) => message === 'code delayed')
  await visitor.at(first).cancel()
  await first.process.kill()

  await holdfast.mailServer.open()
  const second = await holdfast.start()
  await signIn(holdfast, second)
  await second.process.stop()

  expect(holdfast.mailServer.mails.map((mail) => mail.recipients)).not.toContainEqual(['ada@example.com'])
})

test('two servers on one store mail each code once', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY: createSecretKey() })
  const servers = await Promise.all([holdfast.start(), holdfast.start()])

  const addresses = Array.from({ length: 20 }, (_, at) => `person-${at}@example.com`)
  await Promise.all(
    addresses.map((email, at) => new Visitor().at(servers[at % 2] ?? servers[0]).send({ email })),
  )
  await Promise.all(addresses.map((email) => holdfast.mailServer.nextMail(email)))
  await Promise.all(servers.map((server) => server.process.stop()))

  expect(holdfast.mailServer.mails.flatMap((mail) => mail.recipients).sort()).toEqual(addresses.sort())
})
