import { readdir, rm } from 'node:fs/promises'
import { createSecretKey, kidOf, production } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, handedOver, problemOf, signIn } from '../src/sign-in.ts'

test('a development server whose key file was deleted warns with counts, and answers key_unknown', async () => {
  const holdfast = await createInstallation()
  const first = await holdfast.start()
  const waiting = await askForCode(holdfast, first)
  await handedOver(waiting, first)
  const { visitor, code } = waiting
  const signedIn = await signIn(holdfast, first)
  const kid = kidOf(await visitor.token(first))
  await first.process.stop()
  await rm(holdfast.keyFile)

  const second = await holdfast.start()

  const warning = await second.process.log(({ message }) => message.startsWith(`key ${kid} is missing`))
  expect(warning.level).toBe('warn')
  expect(warning.message).toContain('sign-ins: 1, verifications: 1, unsent mails: 0')
  const refused = problemOf(await visitor.at(second).verify({ code }))
  expect(refused).toMatchObject({ code: 'verification_session_not_found', reason: 'key_unknown' })
  expect(refused.detail).toMatch(/^Verification session not found\. Please start over\. /)
  expect(await signedIn.visitor.at(second).session()).toMatchObject({ view: { state: 'anonymous' } })
  expect(await signedIn.visitor.reasonAt(second)).toBe('key_unknown')
})

test('a production server whose key file was deleted refuses to start and makes no other key', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY_SOURCE: 'file:keys/ring.txt' })
  const first = await holdfast.start()
  const { visitor } = await signIn(holdfast, first)
  const kid = kidOf(await visitor.token(first))
  await first.process.stop()
  await rm(`${holdfast.folder}/keys/ring.txt`)

  const second = holdfast.launch()

  expect(await second.exited).toBe(78)
  expect(second.stderr).toContain(`holdfast cannot start: key ${kid} is missing from `)
  expect(second.stderr).toContain('sign-ins: 1, verifications: 0, unsent mails: 0')
  expect(second.stderr).toContain('--accept-key-loss')
  expect(await readdir(`${holdfast.folder}/keys`)).toEqual([])
})

test('a production server with another SECRET_KEY refuses to start, and keeps the sessions of the first', async () => {
  const SECRET_KEY = createSecretKey()
  const holdfast = await createInstallation({ ...production, SECRET_KEY })
  const first = await holdfast.start()
  const { visitor, view } = await signIn(holdfast, first)
  await first.process.stop()

  const mistaken = holdfast.launch({ env: { SECRET_KEY: createSecretKey() } })
  expect(await mistaken.exited).toBe(78)
  expect(mistaken.stderr).toContain(`key ${kidOf(await visitor.token(first))} is missing from SECRET_KEY`)

  const corrected = await holdfast.start()
  expect(await visitor.at(corrected).session()).toMatchObject({ ok: true, view })
})

test('--accept-key-loss starts a production server without the key, signed out and able to sign in anew', async () => {
  const holdfast = await createInstallation({ ...production, SECRET_KEY_SOURCE: 'file:keys/ring.txt' })
  const first = await holdfast.start()
  const { visitor } = await signIn(holdfast, first)
  await first.process.stop()
  await rm(`${holdfast.folder}/keys/ring.txt`)

  const second = await holdfast.start({ args: ['--accept-key-loss'] })

  expect(await visitor.at(second).session()).toMatchObject({ ok: true, view: { state: 'anonymous' } })
  const { visitor: returned, view } = await signIn(holdfast, second)

  // The loss was accepted once and for all: the next start needs no flag, and its guard is up again.
  await second.process.stop()
  const third = await holdfast.start()
  expect(await returned.at(third).session()).toMatchObject({ ok: true, view })
})
