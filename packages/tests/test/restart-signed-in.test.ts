import { Visitor } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { signedInView, signIn } from '../src/sign-in.ts'

const anonymous = { ok: true, view: { state: 'anonymous' } }

test('a person who is signed in stays so after the server was killed', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, first)

  await first.process.kill()
  const second = await holdfast.start()

  expect(signedInView(await visitor.at(second).session())).toEqual(view)
})

test('a bearer who is signed in stays so after the server was killed', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const consumer = new Visitor().bearerAt(first)
  await consumer.send({ email: 'ada@example.com' })
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  const view = signedInView(await consumer.verify({ code }))

  await first.process.kill()
  const second = await holdfast.start()

  expect(signedInView(await new Visitor().bearerAt(second, consumer.token()).session())).toEqual(view)
})

test('a person who signed out stays signed out after the server was killed', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const { visitor } = await signIn(holdfast, first)
  const thief = await visitor.twin()
  expect(await visitor.at(first).logout()).toMatchObject({ ok: true })

  await first.process.kill()
  const second = await holdfast.start()

  expect(await visitor.at(second).session()).toMatchObject(anonymous)
  expect(await thief.at(second).session()).toMatchObject(anonymous)
  expect(await thief.reasonAt(second)).toBe('signed_out')
})

test('a bearer token that was signed out is refused after the server was killed', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const consumer = new Visitor().bearerAt(first)
  await consumer.send({ email: 'ada@example.com' })
  const { code } = await holdfast.mailServer.nextMail('ada@example.com')
  signedInView(await consumer.verify({ code }))
  const token = consumer.token()
  await consumer.logout()

  await first.process.kill()
  const second = await holdfast.start()

  expect(await new Visitor().bearerAt(second, token).session()).toMatchObject(anonymous)
})

test('a person who signed out everywhere is signed out in each browser after the server was killed', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const laptop = await signIn(holdfast, first)
  const phone = new Visitor()
  await phone.at(first).send({ email: laptop.email })
  const { code } = await holdfast.mailServer.nextMail(laptop.email)
  expect(signedInView(await phone.at(first).verify({ code })).account).toEqual(laptop.view.account)

  await laptop.visitor.at(first).logout({ everywhere: true })
  await first.process.kill()
  const second = await holdfast.start()

  expect(await laptop.visitor.at(second).session()).toMatchObject(anonymous)
  expect(await phone.at(second).session()).toMatchObject(anonymous)
})
