import type { Answer } from '@holdfast/client'
import type { Installation, RunningServer } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { countByCode, guessInParallel, startThree } from '../src/guess-burst.ts'
import { createInstallation } from '../src/installation.ts'
import { askForCode, type PersonWithCode, problemOf, signedInView, wrongCode } from '../src/sign-in.ts'

const guesses = 300

async function triesLeft({ visitor }: PersonWithCode, server: RunningServer): Promise<number> {
  const answer = await visitor.at(server).session()
  if (!answer.ok || answer.view.state !== 'code_sent') throw new Error('expected a verification under way')
  return answer.view.verification.attemptsLeft
}

async function guessWrong({ visitor, code }: PersonWithCode, server: RunningServer, offset: number) {
  return problemOf(await visitor.at(server).verify({ code: wrongCode(code, offset) })).code
}

test('a burst after two guesses, three resends and a restart has three more looked at', async () => {
  const holdfast = await createInstallation({ OTP_RESEND_SECONDS: '0' })
  const first = await holdfast.start()
  const person = await askForCode(holdfast, first)
  expect(await guessWrong(person, first, 1)).toBe('code_incorrect')
  for (let resend = 1; resend <= 3; resend++) {
    expect(await person.visitor.at(first).resend()).toMatchObject({ ok: true })
    await holdfast.mailServer.nextMail(person.email)
  }
  expect(await guessWrong(person, first, 2)).toBe('code_incorrect')
  await first.process.stop()
  const servers = await startThree(holdfast)

  const answers = await guessInParallel(person, servers, guesses)

  expect(countByCode(answers)).toEqual({ code_incorrect: 3, too_many_attempts: guesses - 3 })
  expect(await triesLeft(person, servers[0])).toBe(0)
})

/** Kills the server once so many guesses of a burst have been answered; the rest gets no answer. */
async function killInBurst(
  { visitor, code }: PersonWithCode,
  server: RunningServer,
  answersBeforeKill: number,
  size = guesses,
): Promise<Answer[]> {
  let answered = 0
  const burst = Array.from({ length: size }, async (_, at) => {
    const answer = await visitor.at(server).verify({ code: wrongCode(code, 1 + at) })
    if (++answered === answersBeforeKill) await server.process.kill()
    return answer
  })
  return Promise.all(burst)
}

test.each([1, 40])(
  'a server that is killed after %i answers of a burst leaves what was not looked at, and no more',
  async (answersBeforeKill) => {
    const holdfast = await createInstallation()
    const killed = await holdfast.start()
    const person = await askForCode(holdfast, killed)
    const before = countByCode(await killInBurst(person, killed, answersBeforeKill))
    const server = await holdfast.start()
    const left = await triesLeft(person, server)
    // A guess that was counted and whose answer was lost is gone; none that was answered is ever given back.
    expect(left).toBeLessThanOrEqual(5 - (before.code_incorrect ?? 0))
    expect(left).toBeGreaterThanOrEqual(0)

    const after = countByCode(await guessInParallel(person, [server], guesses))

    expect(after).toEqual({
      ...(left === 0 ? {} : { code_incorrect: left }),
      too_many_attempts: guesses - left,
    })
    expect(await triesLeft(person, server)).toBe(0)
  },
)

test('a server that is killed at the first answer of every two guesses looks at five in all its lives', async () => {
  const holdfast = await createInstallation()
  let server = await holdfast.start()
  const person = await askForCode(holdfast, server)
  let answeredWrong = 0
  let left = 5
  for (let life = 1; left > 0; life++) {
    expect(life).toBeLessThanOrEqual(5)
    const answers = await killInBurst(person, server, 1, 2)
    server = await holdfast.start()
    const leftNow = await triesLeft(person, server)
    const wrong = countByCode(answers).code_incorrect ?? 0
    answeredWrong += wrong
    expect(left - leftNow).toBeGreaterThanOrEqual(wrong)
    expect(left - leftNow).toBeLessThanOrEqual(2)
    left = leftNow
  }

  expect(answeredWrong).toBeGreaterThan(0)
  expect(answeredWrong).toBeLessThanOrEqual(5)
  expect(await guessWrong(person, server, 9)).toBe('too_many_attempts')
})

/** Four wrong codes and the right one, sent at once; the right one as one of the five at random. */
async function race(holdfast: Installation, servers: readonly RunningServer[], round: number): Promise<void> {
  const person = await askForCode(holdfast, servers[0] as RunningServer)
  const codes = [1, 2, 3, 4].map((offset) => wrongCode(person.code, offset))
  codes.splice(round % 5, 0, person.code)

  const answers = await Promise.all(
    codes.map((code, at) =>
      person.visitor.at(servers[at % servers.length] as RunningServer).verify({ code }),
    ),
  )

  const right = answers.filter(({ ok }) => ok)
  expect(right, `round ${round}`).toHaveLength(1)
  expect(signedInView(right[0] as Answer).account.email).toBe(person.email)
}

test('a right code that races four wrong ones always signs in, at one server and at three', async () => {
  const holdfast = await createInstallation({ LIMIT_SENDS_PER_IP_PER_HOUR: '0' })
  const servers = await startThree(holdfast)

  for (let round = 0; round < 30; round++) {
    await Promise.all([race(holdfast, servers.slice(0, 1), round), race(holdfast, servers, round)])
  }
})
