import { createSecretKey, type Installation, type RunningServer, Visitor } from '@holdfast/drill'
import { describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, problemOf, signedInView, signIn, wrongCode } from '../src/sign-in.ts'

/** Brings about what is under way, and gives the check that it holds with the server that comes next. */
type UnderWay = (
  holdfast: Installation,
  server: RunningServer,
) => Promise<(next: RunningServer) => Promise<void>>

const underWay: Record<string, UnderWay> = {
  async 'a code that was sent signs in'(holdfast, server) {
    const { visitor, email, code } = await askForCode(holdfast, server)
    return async (next) => {
      expect(signedInView(await visitor.at(next).verify({ code })).account.email).toBe(email)
    }
  },

  async 'a mail that was not handed over is mailed, and its code signs in'(holdfast, server) {
    const visitor = new Visitor()
    await holdfast.mailServer.close()
    await visitor.at(server).send({ email: 'waiting@example.com' })
    return async (next) => {
      await holdfast.mailServer.open()
      const { code } = await holdfast.mailServer.nextMail('waiting@example.com')
      signedInView(await visitor.at(next).verify({ code }))
    }
  },

  async 'tries that were spent stay spent'(holdfast, server) {
    const { visitor, code } = await askForCode(holdfast, server)
    for (let tries = 1; tries <= 5; tries++) await visitor.at(server).verify({ code: wrongCode(code, tries) })
    return async (next) => {
      expect(problemOf(await visitor.at(next).verify({ code })).code).toBe('too_many_attempts')
    }
  },

  async 'a right code whose answer was lost gives the same sign-in again'(holdfast, server) {
    const { visitor, code } = await askForCode(holdfast, server)
    const lost = signedInView(await (await visitor.twin()).at(server).verify({ code }))
    return async (next) => {
      expect(signedInView(await visitor.at(next).verify({ code }))).toEqual(lost)
      expect(signedInView(await visitor.at(next).session())).toEqual(lost)
    }
  },

  async 'a person who signed in stays signed in'(holdfast, server) {
    const { visitor, view } = await signIn(holdfast, server)
    return async (next) => {
      expect(signedInView(await visitor.at(next).session())).toEqual(view)
    }
  },

  async 'a person who signed out stays signed out'(holdfast, server) {
    const { visitor } = await signIn(holdfast, server)
    const withOldCookie = await visitor.twin()
    await visitor.at(server).logout()
    return async (next) => {
      expect(await withOldCookie.at(next).session()).toMatchObject({ view: { state: 'anonymous' } })
    }
  },
}

const older = createSecretKey()
const endings: Record<string, (holdfast: Installation, server: RunningServer) => Promise<RunningServer>> = {
  async 'SIGTERM and start'(holdfast, server) {
    expect(await server.process.stop()).toBe(0)
    return holdfast.start()
  },
  async 'SIGKILL and start'(holdfast, server) {
    await server.process.kill()
    return holdfast.start()
  },
  async 'a rotation that keeps the older key'(holdfast, server) {
    await server.process.stop()
    return holdfast.start({ env: { SECRET_KEY: createSecretKey(), SECRET_KEY_FALLBACKS: older } })
  },
}

describe.each(Object.entries(endings))('over %s', (_, end) => {
  test.each(Object.entries(underWay))('%s', async (_name, begin) => {
    const holdfast = await createInstallation({ SECRET_KEY: older })
    const server = await holdfast.start()
    const holds = await begin(holdfast, server)
    await holds(await end(holdfast, server))
  })
})
