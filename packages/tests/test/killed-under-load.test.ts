import type { Answer } from '@holdfast/client'
import type { Installation, RunningServer } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode, type PersonWithCode, type SignedInView, signedInView } from '../src/sign-in.ts'

const people = 30
const kills = 4
const answersBetweenKills = 15

/** A server that is killed in the middle of its work, again and again, and started anew each time. */
class RestlessServer {
  kills = 0
  #answers = 0
  #running: Promise<RunningServer>
  readonly #holdfast: Installation

  constructor(holdfast: Installation, first: RunningServer) {
    this.#holdfast = holdfast
    this.#running = Promise.resolve(first)
  }

  get running(): Promise<RunningServer> {
    return this.#running
  }

  /** Makes a call, and makes it again at the next server for as long as none answers it. */
  async call(makeCall: (server: RunningServer) => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const answer = await makeCall(await this.#running)
      if (!answer.ok && answer.problem.code === 'unreachable') continue
      this.#answers += 1
      if (this.#answers % answersBetweenKills === 0 && this.kills < kills) {
        this.kills += 1
        this.#running = this.#replace(await this.#running)
      }
      return answer
    }
  }

  async #replace(server: RunningServer): Promise<RunningServer> {
    await server.process.kill()
    return this.#holdfast.start()
  }
}

async function signInUnderKills({ visitor, code }: PersonWithCode, server: RestlessServer) {
  const view = signedInView(await server.call((running) => visitor.at(running).verify({ code })))
  expect(signedInView(await server.call((running) => visitor.at(running).session()))).toEqual(view)
  return view
}

test('thirty people lose nothing that was answered while the server is killed four times under them', async () => {
  const holdfast = await createInstallation({ LIMIT_SENDS_PER_IP_PER_HOUR: '0' })
  const first = await holdfast.start()
  const waiting = await Promise.all(Array.from({ length: people }, () => askForCode(holdfast, first)))
  const server = new RestlessServer(holdfast, first)

  const staying: [PersonWithCode, SignedInView][] = []
  const leaving: PersonWithCode[] = []
  await Promise.all(
    waiting.map(async (person, at) => {
      const view = await signInUnderKills(person, server)
      if (at % 2 === 0) return staying.push([person, view])
      await server.call((running) => person.visitor.at(running).logout())
      return leaving.push(person)
    }),
  )

  expect(server.kills).toBe(kills)
  const last = await server.running
  for (const [{ visitor }, view] of staying) {
    expect(signedInView(await visitor.at(last).session())).toEqual(view)
  }
  for (const { visitor } of leaving) {
    expect(await visitor.at(last).session()).toMatchObject({ ok: true, view: { state: 'anonymous' } })
  }
  expect(staying).toHaveLength(people / 2)
  const [someone] = staying
  expect(await someone?.[0].visitor.countsAt(last)).toMatchObject({ liveSignIns: people / 2 })
})
