import type { RunningServer } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { countByCode, guessInParallel, startThree } from '../src/guess-burst.ts'
import { createInstallation } from '../src/installation.ts'
import { askForCode, type PersonWithCode, problemOf, signedInView } from '../src/sign-in.ts'

test('A1: of 1,000 wrong codes at once exactly five are looked at, and the right one comes too late', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const person = await askForCode(holdfast, server)

  const answers = await guessInParallel(person, [server])

  expect(countByCode(answers)).toEqual({ code_incorrect: 5, too_many_attempts: 995 })
  const late = await person.visitor.at(server).verify({ code: person.code })
  expect(problemOf(late).code).toBe('too_many_attempts')
})

test('A1: of 1,000 wrong codes at once at three servers on one store exactly five are looked at', async () => {
  const holdfast = await createInstallation()
  const servers = await startThree(holdfast)
  const person = await askForCode(holdfast, servers[0])

  const answers = await guessInParallel(person, servers)

  expect(countByCode(answers)).toEqual({ code_incorrect: 5, too_many_attempts: 995 })
  const left = answers.flatMap((answer) => {
    const problem = problemOf(answer)
    return problem.code === 'code_incorrect' ? [problem.attemptsLeft] : []
  })
  expect(left.sort()).toEqual([0, 1, 2, 3, 4])
})

test('A2: 50 right codes at once all give the same sign-in, session and account', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const person = await askForCode(holdfast, server)
  const tabs = await Promise.all(Array.from({ length: 50 }, () => person.visitor.twin()))

  const answers = await Promise.all(tabs.map((tab) => tab.at(server).verify({ code: person.code })))

  expect(answers.filter(({ ok }) => ok)).toHaveLength(50)
  await expectOneSignIn(server, tabs)
})

test('A2: 50 right codes at once at three servers all give the same sign-in and session', async () => {
  const holdfast = await createInstallation()
  const servers = await startThree(holdfast)
  const person = await askForCode(holdfast, servers[0])
  const tabs = await Promise.all(Array.from({ length: 50 }, () => person.visitor.twin()))

  const answers = await Promise.all(
    tabs.map((tab, at) => tab.at(servers[at % 3] ?? servers[0]).verify({ code: person.code })),
  )

  expect(answers.filter(({ ok }) => ok)).toHaveLength(50)
  await expectOneSignIn(servers[1], tabs)
})

/** All of them hold the same session, and the store has one sign-in. */
async function expectOneSignIn(server: RunningServer, tabs: PersonWithCode['visitor'][]): Promise<void> {
  const [first] = tabs
  if (first === undefined) throw new Error('expected at least one browser')
  const tokens = await Promise.all(tabs.map((tab) => tab.token(server)))
  expect(new Set(tokens).size).toBe(1)
  const views = await Promise.all(tabs.map(async (tab) => signedInView(await tab.at(server).session())))
  expect(new Set(views.map((view) => view.signIn.id)).size).toBe(1)
  expect(new Set(views.map((view) => view.account.id)).size).toBe(1)
  expect(await first.countsAt(server)).toMatchObject({ liveSignIns: 1, pendingVerifications: 0 })
}

test('of two right codes of one verification at once exactly one is accepted', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '0' })
  const server = await holdfast.start()
  const people = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const person = await askForCode(holdfast, server)
      await person.visitor.at(server).resend()
      const { code } = await holdfast.mailServer.nextMail(person.email)
      return { browsers: [person.visitor, await person.visitor.twin()], codes: [person.code, code] }
    }),
  )

  const answers = await Promise.all(
    people.map(({ browsers, codes }) =>
      Promise.all(browsers.map((browser, at) => browser.at(server).verify({ code: codes[at] ?? '' }))),
    ),
  )

  expect(answers.map((pair) => pair.filter(({ ok }) => ok).length)).toEqual(people.map(() => 1))
  const refused = answers.flat().filter(({ ok }) => !ok)
  expect(refused.map(problemOf)).toEqual(
    people.map(() => expect.objectContaining({ status: 409, reason: 'verification_used' })),
  )
})

test('ten people who use one address and verify at once become one account with ten sign-ins', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const people: PersonWithCode[] = []
  for (let person = 0; person < 10; person += 1) {
    people.push(await askForCode(holdfast, server, 'ada@example.com'))
  }

  const answers = await Promise.all(people.map(({ visitor, code }) => visitor.at(server).verify({ code })))

  const views = answers.map(signedInView)
  expect(new Set(views.map((view) => view.account.id)).size).toBe(1)
  expect(new Set(views.map((view) => view.signIn.id)).size).toBe(10)
})
