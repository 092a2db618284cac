import { setTimeout } from 'node:timers/promises'
import { Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, problemOf, signedInView, wrongCode } from '../src/sign-in.ts'

test('a code signs in after the server was stopped and started again', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, email, code } = await askForCode(holdfast, first)

  expect(await first.process.stop()).toBe(0)
  const second = await holdfast.start()

  expect(await visitor.at(second).session()).toMatchObject({ view: { state: 'code_sent' } })
  expect(signedInView(await visitor.at(second).verify({ code })).account.email).toBe(email)
})

test('a code signs in after the server was killed and started again', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, email, code } = await askForCode(holdfast, first)

  await first.process.kill()
  const second = await holdfast.start()

  expect(signedInView(await visitor.at(second).verify({ code })).account.email).toBe(email)
})

test('a code whose mail was not out when the server was killed is mailed by the next one and signs in', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const visitor = new Visitor()

  await visitor.at(first).send({ email: 'ada@example.com' })
  await first.process.kill()
  const second = await holdfast.start()
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')

  expect(signedInView(await visitor.at(second).verify({ code })).account.email).toBe('ada@example.com')
  // Killed between the mail server's reply and its own note of it, a server may leave one mail too many.
  expect(new Set(holdfast.mailServer.mails.map((mail) => mail.code))).toEqual(new Set([code]))
  expect(holdfast.mailServer.mails.length).toBeLessThanOrEqual(2)
})

test('a wrong code after a kill says how many tries are left, and the right one still signs in', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, first)
  const refused = await visitor.at(first).verify({ code: wrongCode(code, 1) })
  expect(problemOf(refused)).toMatchObject({ code: 'code_incorrect', attemptsLeft: 4 })

  await first.process.kill()
  const second = await holdfast.start()

  const again = await visitor.at(second).verify({ code: wrongCode(code, 2) })
  expect(problemOf(again)).toMatchObject({ code: 'code_incorrect', status: 403, attemptsLeft: 3 })
  signedInView(await visitor.at(second).verify({ code }))
})

test('tries that were spent before a kill stay spent: the right code is refused as the sixth', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, first)
  for (const attemptsLeft of [4, 3, 2, 1, 0]) {
    const refused = await visitor.at(first).verify({ code: wrongCode(code, attemptsLeft + 1) })
    expect(problemOf(refused)).toMatchObject({ code: 'code_incorrect', attemptsLeft })
  }

  await first.process.kill()
  const second = await holdfast.start()

  const sixth = problemOf(await visitor.at(second).verify({ code }))
  expect(sixth).toMatchObject({ code: 'too_many_attempts', status: 429, reason: 'verification_exhausted' })
  expect(sixth).toHaveProperty('retryAfterInSeconds')
})

test('a verification that was cancelled before a kill stays cancelled', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, code } = await askForCode(holdfast, first)
  expect(await visitor.at(first).cancel()).toMatchObject({ ok: true })

  await first.process.kill()
  const second = await holdfast.start()

  expect(problemOf(await visitor.at(second).verify({ code }))).toMatchObject({
    code: 'verification_session_not_found',
    status: 409,
    reason: 'verification_cancelled',
  })
})

test('a code that was asked for again before a kill does not end the first one, and both tries count as one budget', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '0' })
  const first = await holdfast.start()
  const { visitor, email, code } = await askForCode(holdfast, first)
  expect(await visitor.at(first).resend()).toMatchObject({ view: { verification: { sends: 2 } } })
  const resent = await holdfast.mailServer.nextMail(email)
  await visitor.at(first).verify({ code: wrongCode(resent.code) })

  await first.process.kill()
  const second = await holdfast.start()

  expect(await visitor.at(second).session()).toMatchObject({ view: { verification: { attemptsLeft: 4 } } })
  signedInView(await visitor.at(second).verify({ code }))
})

test('a code in a bearer session signs in after a kill', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const consumer = new Visitor().bearerAt(first)
  await consumer.send({ email: 'ada@example.com' })
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')

  await first.process.kill()
  const second = await holdfast.start()

  const resumed = new Visitor().bearerAt(second, consumer.token())
  signedInView(await resumed.verify({ code }))
  expect(resumed.token()).not.toBe(consumer.token())
})

test('a code that expired while the server was down is refused as expired', async () => {
  const holdfast = await createInstallation({ OTP_TTL_SECONDS: '1' })
  const first = await holdfast.start()
  const visitor = new Visitor()
  const answer = await visitor.at(first).send({ email: 'ada@example.com' })
  if (!answer.ok || answer.view.state !== 'code_sent') throw new Error('expected that a code was sent')
  await first.process.kill()

  const { expiresAt } = answer.view.verification
  await setTimeout(Date.parse(expiresAt) - Date.now())
  const second = await holdfast.start()

  const refused = problemOf(await visitor.at(second).verify({ code: '123456' }))
  expect(refused).toMatchObject({ code: 'code_expired', status: 410, reason: 'verification_expired' })
})
