import type { Answer } from '@holdfast/client'
import { canInject, type RunningServer, Visitor } from '@holdfast/drill'
import { describe, expect, onTestFinished, test } from 'vitest'
import { HeldMailServer, type Verb } from '../src/held-mail-server.ts'
import { createInstallation } from '../src/installation.ts'
import { ambush } from '../src/killed-at-call.ts'
import { handedOver, signedInView } from '../src/sign-in.ts'

/*
 * Servers end between the 202 and the mail server's 250, at each verb and at each system call. No mail is lost; a second
 * copy, with the same code and Message-ID, is there only where the first one was read to its end.
 */

const minute = 60_000
const verbs: Verb[] = ['EHLO', 'MAIL', 'RCPT', 'DATA', '.']

async function startHere() {
  const mailServer = await HeldMailServer.open()
  onTestFinished(() => mailServer.close())
  const holdfast = await createInstallation({ SMTP_URL: mailServer.url, LIMIT_SENDS_PER_IP_PER_HOUR: '0' })
  return { mailServer, holdfast, server: await holdfast.start() }
}

interface Asked {
  visitor: Visitor
  email: string
  reference: string
}

async function ask(server: RunningServer, name: string): Promise<Asked> {
  const visitor = new Visitor()
  const email = `${name}@example.com`
  const answer = await visitor.at(server).send({ email })
  if (!answer.ok || answer.view.state !== 'code_sent') throw new Error('expected a code to be sent')
  return { visitor, email, reference: answer.view.verification.reference }
}

/** Five people, one of whose mails waits at each verb. */
async function askAndHold(mailServer: HeldMailServer, server: RunningServer): Promise<Asked[]> {
  const held = mailServer.holdAt(...verbs)
  const people = await Promise.all(verbs.map((_, at) => ask(server, `person-${at}`)))
  await held
  return people
}

function deliveryIn(answer: Answer): string | undefined {
  return answer.ok && answer.view.state === 'code_sent' ? answer.view.verification.delivery : undefined
}

/** Everybody's mail is handed over, each is the one mail of its code, and the code signs in. */
async function expectEachMailed(
  mailServer: HeldMailServer,
  server: RunningServer,
  people: readonly Asked[],
): Promise<void> {
  for (const { visitor, email } of people) {
    // Whether it was this server or the one before that noted it last, is all the same.
    const delivery = async () => deliveryIn(await visitor.at(server).session())
    await expect.poll(delivery, { interval: 50 }).toBe('sent')
    const [first, ...more] = mailServer.mailsTo(email)
    expect(more.length).toBeLessThanOrEqual(1)
    for (const copy of more) expect(copy).toEqual(first)
    signedInView(await visitor.at(server).verify({ code: first?.code ?? '' }))
  }
}

/** Whoever had two has had the first one read to its end: the mail that waited behind its final dot. */
function expectOneSecondCopy(mailServer: HeldMailServer): void {
  expect(mailServer.mails).toHaveLength(verbs.length + 1)
}

test('a server killed while mails wait at every verb loses none, and repeats only the one behind its final dot', async () => {
  const { mailServer, holdfast, server } = await startHere()
  const people = await askAndHold(mailServer, server)

  await server.process.kill()
  const next = await holdfast.start()

  await expectEachMailed(mailServer, next, people)
  await next.process.stop()
  expectOneSecondCopy(mailServer)
})

test('a server restarted while the mail server is silent at every verb loses none either', async () => {
  const { mailServer, holdfast, server } = await startHere()
  const people = await askAndHold(mailServer, server)

  expect(await server.process.stop()).toBe(0)
  const next = await holdfast.start()

  await expectEachMailed(mailServer, next, people)
  await next.process.stop()
  expectOneSecondCopy(mailServer)
})

test('a server that is told to stop finishes the mails under way, and the next one sends none again', async () => {
  const { mailServer, holdfast, server } = await startHere()
  const people = await askAndHold(mailServer, server)

  const stopped = server.process.stop()
  await server.process.log(({ message }) => message === 'stopping')
  mailServer.release()
  expect(await stopped).toBe(0)
  await Promise.all(people.map((asked) => handedOver(asked, server)))

  const next = await holdfast.start()
  await handedOver(await ask(next, 'somebody-later'), next)
  await next.process.stop()
  expect(mailServer.mails.map(({ recipient }) => recipient).sort()).toEqual(
    [...people.map(({ email }) => email), 'somebody-later@example.com'].sort(),
  )
})

/**
 * What reads a reply of the mail server, writes to it, and notes in the store what became of the mail; and at which of
 * them: the many writes of one commit are alike.
 */
const calls = [
  { call: 'read', stride: 1 },
  { call: 'write,writev', stride: 1 },
  { call: 'pwrite64', stride: 4 },
  { call: 'fsync,fdatasync', stride: 1 },
] as const

/** Kills servers at one kind of call, the first and each so many, until a mail is handed over unharmed. */
async function killAtEach({
  call,
  stride,
}: (typeof calls)[number]): Promise<{ kills: number; copies: number }> {
  const { mailServer, holdfast, server: first } = await startHere()
  let server = first
  for (let kills = 0; ; kills += 1) {
    const held = mailServer.holdAt('MAIL')
    const asked = await ask(server, `person-${kills}`)
    await held
    const { leave } = await ambush(server, call, 1 + kills * stride)
    mailServer.release()
    // Where it is killed first there is no such line in its log.
    await handedOver(asked, server).catch(() => {})
    const isKilled = !(await leave())
    if (isKilled) server = await holdfast.start()
    await expectEachMailed(mailServer, server, [asked])
    if (!isKilled) return { kills, copies: mailServer.mails.length - kills - 1 }
  }
}

describe.skipIf(!canInject)('a server killed at each call (skipped where strace cannot run)', () => {
  test(
    'while it hands a mail over loses none, and sends none more than twice',
    async () => {
      const found = await Promise.all(calls.map(killAtEach))
      process.stdout.write(
        `${calls.map(({ call }, at) => `${call}: ${found[at]?.kills} kills, ${found[at]?.copies} second copies`).join('; ')}\n`,
      )
      for (const { kills } of found) expect(kills).toBeGreaterThan(0)
    },
    20 * minute,
  )
})
