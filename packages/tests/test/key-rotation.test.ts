import { createSecretKey, kidOf } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, problemOf, signedInView, signIn } from '../src/sign-in.ts'

const older = createSecretKey()
const newer = createSecretKey()
const rotated = { SECRET_KEY: newer, SECRET_KEY_FALLBACKS: older }

test('a rotation keeps a person signed in and re-issues the cookie under the new key with every attribute', async () => {
  const holdfast = await createInstallation()
  const before = await holdfast.start({ env: { SECRET_KEY: older } })
  const { visitor, view } = await signIn(holdfast, before)
  const olderToken = await visitor.token(before)
  const issuedBefore = visitor.setCookies.length
  await before.process.stop()

  const after = await holdfast.start({ env: rotated })
  expect(signedInView(await visitor.at(after).session())).toEqual(view)

  expect(visitor.setCookies).toHaveLength(issuedBefore + 1)
  const cookie = visitor.lastSetCookie()
  expect(cookie).toMatchObject({ key: 'holdfast', httpOnly: true, sameSite: 'lax', path: '/', domain: null })
  const daysLeft = (cookie.expiryTime() ?? 0) / 86_400_000 - Date.now() / 86_400_000
  expect(daysLeft).toBeGreaterThan(29.9)
  expect(daysLeft).toBeLessThan(30.1)
  expect(kidOf(cookie.value)).not.toBe(kidOf(olderToken))
  expect(cookie.value).toBe(await visitor.token(after))
})

test('a cookie that was re-issued holds without the older key, and is not re-issued again', async () => {
  const holdfast = await createInstallation()
  const before = await holdfast.start({ env: { SECRET_KEY: older } })
  const { visitor, view } = await signIn(holdfast, before)
  await before.process.stop()
  const during = await holdfast.start({ env: rotated })
  await visitor.at(during).session()
  const issued = visitor.setCookies.length
  await visitor.at(during).session()
  expect(visitor.setCookies).toHaveLength(issued)
  await during.process.kill()

  const after = await holdfast.start({ env: { SECRET_KEY: newer } })

  expect(signedInView(await visitor.at(after).session())).toEqual(view)
  expect(
    after.process.logs.filter(({ message }) => /key|ring/.test(message) && message !== 'durable'),
  ).toEqual([])
})

test('a verification that began under the older key verifies after a rotation, under the new one', async () => {
  const holdfast = await createInstallation()
  const before = await holdfast.start({ env: { SECRET_KEY: older } })
  const { visitor, email, code } = await askForCode(holdfast, before)
  const olderKid = kidOf(await visitor.token(before))
  await before.process.kill()

  const after = await holdfast.start({ env: rotated })

  expect(signedInView(await visitor.at(after).verify({ code })).account.email).toBe(email)
  expect(kidOf(await visitor.token(after))).not.toBe(olderKid)
})

test('a lost answer can be repeated across a rotation: the sign-in and the session stay the same', async () => {
  const holdfast = await createInstallation()
  const before = await holdfast.start({ env: { SECRET_KEY: older } })
  const { visitor, code } = await askForCode(holdfast, before)
  const waiting = await visitor.twin()
  const view = signedInView(await visitor.at(before).verify({ code }))
  const sessionId = (await visitor.token(before)).split('.')[2]
  await before.process.kill()

  const after = await holdfast.start({ env: rotated })

  expect(signedInView(await waiting.at(after).verify({ code }))).toEqual(view)
  expect((await waiting.token(after)).split('.')[2]).toBe(sessionId)
})

test('a signature of the older key is refused once that key is no fallback any more', async () => {
  const holdfast = await createInstallation()
  const before = await holdfast.start({ env: { SECRET_KEY: older } })
  const { visitor, code } = await askForCode(holdfast, before)
  await before.process.stop()

  const after = await holdfast.start({ env: { SECRET_KEY: newer } })

  expect(problemOf(await visitor.at(after).verify({ code }))).toMatchObject({ reason: 'key_unknown' })
})

test('a rotation back signs nobody out: what the newer key signed verifies while it is a fallback', async () => {
  const holdfast = await createInstallation()
  const rolledOut = await holdfast.start({ env: rotated })
  const { visitor, view } = await signIn(holdfast, rolledOut)
  await rolledOut.process.stop()

  const rolledBack = await holdfast.start({ env: { SECRET_KEY: older, SECRET_KEY_FALLBACKS: newer } })

  expect(signedInView(await visitor.at(rolledBack).session())).toEqual(view)
})
