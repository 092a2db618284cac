import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, problemOf, signedInView, signIn, wrongCode } from '../src/sign-in.ts'

const used = { code: 'verification_session_not_found', status: 409, reason: 'verification_used' }

test('a code that was used is refused from the session that it opened, also after a kill', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, view, code } = await signIn(holdfast, first)
  expect(problemOf(await visitor.at(first).verify({ code }))).toMatchObject(used)

  await first.process.kill()
  const second = await holdfast.start()

  expect(problemOf(await visitor.at(second).verify({ code }))).toMatchObject(used)
  expect(signedInView(await visitor.at(second).session())).toEqual(view)
})

test('a lost answer can be repeated: the same cookie and code give the same sign-in and session again', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, server)
  const waiting = await visitor.twin()
  const view = signedInView(await visitor.at(server).verify({ code }))

  expect(signedInView(await waiting.at(server).verify({ code }))).toEqual(view)
  expect(await waiting.token(server)).toBe(await visitor.token(server))
})

test('a lost answer can be repeated after the server was killed in between', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, first)
  const waiting = await visitor.twin()
  const view = signedInView(await visitor.at(first).verify({ code }))

  await first.process.kill()
  const second = await holdfast.start()

  expect(signedInView(await waiting.at(second).verify({ code }))).toEqual(view)
  expect(await waiting.token(second)).toBe(await visitor.token(second))
  expect(signedInView(await waiting.at(second).session())).toEqual(view)
})

test('a wrong code from the cookie of a finished verification is refused', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, server)
  const waiting = await visitor.twin()
  signedInView(await visitor.at(server).verify({ code }))

  expect(problemOf(await waiting.at(server).verify({ code: wrongCode(code) }))).toMatchObject(used)
})

test('a lost answer is not repeated once the person has signed out, also after a kill', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, first)
  const waiting = await visitor.twin()
  signedInView(await visitor.at(first).verify({ code }))
  await visitor.at(first).logout()
  expect(problemOf(await waiting.at(first).verify({ code }))).toMatchObject(used)

  await first.process.kill()
  const second = await holdfast.start()

  expect(problemOf(await waiting.at(second).verify({ code }))).toMatchObject(used)
  expect(await waiting.at(second).session()).toMatchObject({ view: { state: 'anonymous' } })
})

test('a code is refused with the cookie of another person who is waiting for one', async () => {
  const holdfast = await createInstallation()
  const server = await holdfast.start()
  const ada = await askForCode(holdfast, server)
  const eve = await askForCode(holdfast, server)
  const guess = ada.code === eve.code ? wrongCode(ada.code) : ada.code

  expect(problemOf(await eve.visitor.at(server).verify({ code: guess }))).toMatchObject({
    code: 'code_incorrect',
    attemptsLeft: 4,
  })
  expect(await ada.visitor.at(server).session()).toMatchObject({
    view: { verification: { attemptsLeft: 5 } },
  })
})

test('a server that is killed while it checks a code strands nobody: the code signs in at the next one', async () => {
  const holdfast = await createInstallation()
  let server = await holdfast.start()
  for (const killedAt of ['the request', 'the answer']) {
    const { visitor, email, code } = await askForCode(holdfast, server)
    const lost = (await visitor.twin()).at(server).verify({ code })
    if (killedAt === 'the answer') await lost
    await server.process.kill()
    await lost
    server = await holdfast.start()

    expect(signedInView(await visitor.at(server).verify({ code })).account.email).toBe(email)
  }
})
