import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { beginRequest } from '../src/begun-request.ts'
import { createInstallation } from '../src/installation.ts'
import { askForCode, signedInView } from '../src/sign-in.ts'

test('SIGTERM while twenty requests are under way answers each of them and exits 0', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const begun = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      beginRequest(first, '/auth/otp/send', { email: `person-${at}@example.com` }),
    ),
  )

  const exited = first.process.stop()
  await first.process.log(({ message }) => message === 'stopping')
  const answers = await Promise.all(begun.map((request) => request.finish()))

  expect(answers.map(({ status }) => status)).toEqual(begun.map(() => 202))
  expect(await exited).toBe(0)
})

test('SIGTERM under load leaves nothing half done: what was answered holds, and nothing else was carried out', async () => {
  const holdfast = await createInstallation({ LIMIT_SENDS_PER_IP_PER_HOUR: '0' })
  const first = await holdfast.start()
  const people = Array.from({ length: 150 }, () => new Visitor())

  const asked = people.map((person, at) => person.at(first).send({ email: `person-${at}@example.com` }))
  await Promise.any(asked)
  expect(await first.process.stop()).toBe(0)
  const answers = await Promise.all(asked)

  const second = await holdfast.start()
  const answered = people.filter((_, at) => answers[at]?.ok)
  const unreached = answers.flatMap((answer) => (answer.ok ? [] : [answer.problem]))
  expect(unreached).toEqual(unreached.map(() => expect.objectContaining({ cause: 'network' })))
  const views = await Promise.all(answered.map((person) => person.at(second).session()))
  expect(views).toEqual(
    views.map(() => expect.objectContaining({ view: expect.objectContaining({ state: 'code_sent' }) })),
  )
  expect(await new Visitor().countsAt(second)).toMatchObject({ pendingVerifications: answered.length })
})

test('SIGTERM while a mail is handed over waits for the reply, so that no later server mails it again', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const reply = holdfast.mailServer.holdReplies()
  const { visitor } = await askForCode(holdfast, server)

  const exited = server.process.stop()
  await server.process.log(({ message }) => message === 'stopping')
  reply()
  expect(await exited).toBe(0)

  expect(server.process.logs.map(({ message }) => message)).toContain('code sent')
  const next = await holdfast.start()
  expect(await visitor.at(next).session()).toMatchObject({ view: { verification: { delivery: 'sent' } } })
})

test('a second SIGTERM ends a server at once that still waits for a request', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, first)
  const begun = await beginRequest(first, '/auth/otp/send', { email: 'ada@example.com' })

  const exited = first.process.stop()
  await first.process.log(({ message }) => message === 'stopping')
  first.process.stop()
  expect(await exited).toBe(1)
  await expect(begun.finish()).rejects.toThrow()

  const second = await holdfast.start()
  signedInView(await visitor.at(second).verify({ code }))
})

test('SIGTERM has the ledger told what was refused since the last minute', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  for (let visitor = 0; visitor < 3; visitor++) await new Visitor().at(server).check()

  expect(await server.process.stop()).toBe(0)

  const database = new DatabaseSync(join(holdfast.dataFolder, 'holdfast.db'), { readOnly: true })
  const rows = database.prepare("SELECT reason, detail FROM ledger WHERE event = 'rejected'").all()
  database.close()
  expect(rows).toEqual([{ reason: 'cookie_missing', detail: '{"count":3}' }])
})
