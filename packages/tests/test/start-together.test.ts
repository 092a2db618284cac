import { kidOf } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { createInstallation } from '../src/installation.ts'
import { askForCode } from '../src/sign-in.ts'

test('twelve servers that start at once in an empty folder share one key and one store', async () => {
  const holdfast = await createInstallation()
  const servers = await Promise.all(Array.from({ length: 12 }, () => holdfast.start()))

  const people = await Promise.all(
    servers.map(async (server) => {
      const { visitor } = await askForCode(holdfast, server)
      return { visitor, kid: kidOf(await visitor.token(server)) }
    }),
  )
  expect(new Set(people.map(({ kid }) => kid)).size).toBe(1)
  for (const { visitor } of people) {
    const answers = await Promise.all(servers.map((server) => visitor.at(server).session()))
    expect(answers.map((answer) => answer.ok && answer.view.state)).toEqual(servers.map(() => 'code_sent'))
  }

  const starts = await Promise.all(
    servers.map((server) => server.process.log(({ message }) => message === 'durable')),
  )
  expect(new Set(starts.map((line) => line.generation)).size).toBe(1)
  expect(starts.filter((line) => String(line.keys).includes('made now'))).toHaveLength(1)
})
