import { type Installation, kidOf, openInstallation, type RunningServer, Visitor } from '@holdfast/drill'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { ringReloaded, rotateNow } from '../src/key-ring-events.ts'
import { askForCode, handedOver, type PersonWithCode, signIn, wrongCode } from '../src/sign-in.ts'

/** What support is told of a reference. */
interface Told {
  state: string
  reason: string | null
  sentence: string
  events: { event: string; text: string; reason: string | null; detail: Record<string, unknown> }[]
}

/** The support desk has the reference that the person reads out, and the command line. */
async function askWhy(holdfast: Installation, reference: string, env: Record<string, string> = {}) {
  const [lines, json] = await Promise.all([
    holdfast.commandWith({ env }, 'why', '--all', '--', reference),
    holdfast.commandWith({ env }, 'why', '--json', '--', reference),
  ])
  expect(lines).toMatchObject({ exitCode: 0, stderr: '' })
  expect(Math.max(...lines.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  const told = json.json as unknown as Told
  const inOneLine = (text: string) => text.replace(/\s+/g, ' ').trim()
  expect(inOneLine(lines.stdout)).toContain(inOneLine(told.sentence))
  for (const { text } of told.events) expect(inOneLine(lines.stdout)).toContain(inOneLine(text))
  return { ...told, names: told.events.map(({ event }) => event), text: lines.stdout }
}

async function referenceOf(visitor: Visitor, server: RunningServer): Promise<string> {
  const answer = await visitor.at(server).session()
  if (!answer.ok || answer.view.state !== 'code_sent') throw new Error('expected a verification under way')
  return answer.view.verification.reference
}

/** Resolves once it is recorded what became of the mail. */
async function delivered(visitor: Visitor, server: RunningServer, delivery: string): Promise<void> {
  for (;;) {
    const answer = await visitor.at(server).session()
    if (answer.ok && answer.view.state === 'code_sent' && answer.view.verification.delivery === delivery)
      return
  }
}

describe('why was this person not signed in?', () => {
  let holdfast: Installation
  let server: RunningServer
  const noLimits = { LIMIT_SENDS_PER_IP_PER_HOUR: '0' }

  beforeAll(async () => {
    holdfast = await openInstallation(noLimits)
    server = await holdfast.start()
  })
  afterAll(() => holdfast.close())

  async function asked(): Promise<PersonWithCode> {
    const person = await askForCode(holdfast, server)
    await handedOver(person, server)
    return person
  }

  test('the mail server refused the mail: its reply is told, and no address', async () => {
    const email = 'not-there@example.com'
    holdfast.mailServer.refuse(email, `5.1.1 <${email}>: no such user`)
    const visitor = new Visitor()
    await visitor.at(server).send({ email })
    await delivered(visitor, server, 'failed')

    const told = await askWhy(holdfast, await referenceOf(visitor, server))

    expect(told.sentence).toMatch(/could not be delivered \(.*no such user.*\): please check the address/)
    expect(told.names).toEqual(['code_asked', 'code_not_deliverable'])
    expect(told.text).not.toContain(email)
  })

  test('the code still waits to be entered', async () => {
    const { reference, visitor, code } = await asked()
    await visitor.at(server).verify({ code: wrongCode(code) })

    const told = await askWhy(holdfast, reference)

    expect(told).toMatchObject({ state: 'waiting', reason: null })
    expect(told.names).toEqual(['code_asked', 'code_handed_over', 'guess_wrong'])
    expect(told.sentence).toMatch(/^The mail server took its mail over.* 4 of 5 tries are left\.$/)
  })

  test('the code expired', async () => {
    const { reference } = await asked()

    const told = await askWhy(holdfast, reference, ahead('1 h'))

    expect(told).toMatchObject({ state: 'over', reason: 'verification_expired' })
    expect(told.names.at(-1)).toBe('verification_expired')
    expect(told.sentence).toMatch(
      /^The code expired at .* without having been entered\..* ask for a new one\.$/,
    )
  })

  test('all tries were spent', async () => {
    const { reference, visitor, code } = await asked()
    for (let tries = 1; tries <= 6; tries++) await visitor.at(server).verify({ code: wrongCode(code, tries) })

    const told = await askWhy(holdfast, reference)

    expect(told).toMatchObject({ state: 'over', reason: 'verification_exhausted' })
    expect(told.events.filter(({ event }) => event === 'guess_wrong').map(({ detail }) => detail)).toEqual(
      [1, 2, 3, 4, 5].map((number) => ({ try: number, of: 5 })),
    )
    expect(told.sentence).toBe('All 5 tries were spent on wrong codes. Please start over with a new code.')
  })

  test('it was cancelled, or gave way to a newer code, which is named', async () => {
    const cancelled = await asked()
    await cancelled.visitor.at(server).cancel()
    const replaced = await asked()
    await replaced.visitor.at(server).send({ email: 'another@example.com' })
    const newer = await referenceOf(replaced.visitor, server)

    const toldOfCancelled = await askWhy(holdfast, cancelled.reference)
    const toldOfReplaced = await askWhy(holdfast, replaced.reference)

    expect(toldOfCancelled).toMatchObject({ state: 'over', reason: 'verification_cancelled' })
    expect(toldOfCancelled.sentence).toContain('in the browser that had asked for it')
    expect(toldOfReplaced.sentence).toContain(
      `when a newer code was asked for in the same browser (${newer}): only that one counts.`,
    )
  })

  test('the code was used: signed in, also when the answer was lost and the code came again', async () => {
    const { reference, visitor, code } = await asked()
    await (await visitor.twin()).at(server).verify({ code })
    await visitor.at(server).verify({ code })

    const told = await askWhy(holdfast, reference)

    expect(told).toMatchObject({ state: 'signed_in', reason: null })
    expect(told.names).toEqual(['code_asked', 'code_handed_over', 'signed_in', 'sign_in_repeated'])
    expect(told.sentence).toMatch(/^You have been signed in since /)
  })
})

describe('why was this person signed out?', () => {
  const idle = { SESSION_IDLE_SECONDS: '1800', KEY_RELOAD_SECONDS: '1' }

  test('signed out, also from another browser, ended from there, by the operator, or by signing in anew', async () => {
    const holdfast = await createInstallation(idle)
    const server = await holdfast.start()
    const out = await signIn(holdfast, server)
    const ended = await signIn(holdfast, server)
    const byOperator = await signIn(holdfast, server)
    const anew = await signIn(holdfast, server)
    const everywhere = await signIn(holdfast, server)
    for (const person of [out, ended, byOperator, anew, everywhere]) await handedOver(person, server)
    const other = await askForCode(holdfast, server, everywhere.email)
    await other.visitor.at(server).verify({ code: other.code })
    await other.visitor.at(server).logout({ everywhere: true })
    await out.visitor.at(server).logout()
    const elsewhere = await askForCode(holdfast, server, ended.email)
    await elsewhere.visitor.at(server).verify({ code: elsewhere.code })
    expect(await elsewhere.visitor.at(server).endSession(ended.view.signIn.id)).toMatchObject({ ok: true })
    await holdfast.command('sessions', 'end', '--email', byOperator.email)
    expect(await byOperator.visitor.at(server).check()).toMatchObject({
      ok: false,
      problem: { reason: 'ended_by_operator' },
    })
    await anew.visitor.at(server).send({ email: anew.email })
    const { code } = await holdfast.mailServer.nextMail(anew.email)
    await anew.visitor.at(server).verify({ code })
    // No answer waits for the row that says that it was refused, but the stop does.
    await server.process.stop()

    const told = await Promise.all(
      [out, ended, byOperator, anew, everywhere].map(({ view }) => askWhy(holdfast, view.signIn.id)),
    )

    expect(told.map(({ reason }) => reason)).toEqual([
      'signed_out',
      'ended_by_user',
      'ended_by_operator',
      'signed_out',
      'signed_out',
    ])
    for (const [index, says] of [
      'then you signed out. Please sign in again.',
      'then you ended it from another browser.',
      'then the operator ended it. Please sign in again.',
      'then you signed in anew in the same browser.',
      'then you signed out everywhere, from another browser.',
    ].entries()) {
      expect(told[index]?.sentence).toContain(says)
    }
    expect(told[2]?.events.at(-1)).toMatchObject({ event: 'rejected', reason: 'ended_by_operator' })
  })

  test('not used for too long: the server says so, and so does why', async () => {
    const holdfast = await createInstallation(idle)
    const first = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, first)
    await first.process.stop()
    const later = await holdfast.start({ env: ahead('1 h') })
    expect(await visitor.at(later).check()).toMatchObject({ ok: false, problem: { reason: 'idle_timeout' } })

    const told = await askWhy(holdfast, view.signIn.id, ahead('1 h'))

    expect(told).toMatchObject({ state: 'over', reason: 'idle_timeout' })
    expect(told.sentence).toContain('it was last used at')
    expect(told.sentence).toContain('ends when it is not used for 30 min. Please sign in again.')
    expect(told.names).toContain('idle_timeout')
  })

  test('its key was revoked', async () => {
    const holdfast = await createInstallation(idle)
    const server = await holdfast.start()
    const { visitor, view } = await signIn(holdfast, server)
    const leaked = kidOf(await visitor.token(server))
    await rotateNow(holdfast, server)
    const revoked = await holdfast.command('keys', 'revoke', leaked, '--json')
    await ringReloaded(server, Number(revoked.json.epoch))

    const told = await askWhy(holdfast, view.signIn.id)

    expect(told).toMatchObject({ state: 'over', reason: 'key_revoked' })
    expect(told.sentence).toContain(`then the operator ended it, because key ${leaked} was revoked.`)
    expect(told.names).toContain('key_revoked')
    expect(told.names).toContain('key_staged')
  })

  test('not at all: a restart and a kill in between are told, and the sign-in held', async () => {
    const holdfast = await createInstallation(idle)
    const first = await holdfast.start()
    const person = await askForCode(holdfast, first)
    await handedOver(person, first)
    const { visitor, code, reference } = person
    await first.process.stop()
    const second = await holdfast.start()
    await visitor.at(second).verify({ code })
    const neighbour = await holdfast.start()
    await second.process.kill()
    const third = await holdfast.start()
    await visitor.at(third).check()

    const told = await askWhy(holdfast, reference)

    expect(told.state).toBe('signed_in')
    expect(told.names).toEqual([
      'code_asked',
      'code_handed_over',
      'server_stopped',
      'server_started',
      'signed_in',
      'server_started',
      'server_crashed',
      'server_started',
    ])
    const crash = told.events.find(({ event }) => event === 'server_crashed')
    const started = told.events.filter(({ event }) => event === 'server_started')
    expect(crash?.detail.instance).toBe(started[0]?.detail.instance)
    await neighbour.process.stop()
  })
})

/** Lets a process live in the future. */
function ahead(by: '1 h'): Record<string, string> {
  const ms = { '1 h': 3_600_000 }[by]
  const module = `const now = Date.now; Date.now = () => now() + ${ms}`
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(module)}` }
}
