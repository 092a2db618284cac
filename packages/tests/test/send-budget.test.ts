import { createProxiedFetch, type RunningServer } from '@holdfast/drill'
import { expect, test } from 'vitest'
import { startThree } from '../src/guess-burst.ts'
import { createInstallation } from '../src/installation.ts'

interface Ask {
  email: string
  network: string
}

/** Somebody new asks for a code, through a proxy that says where from. */
async function ask(server: RunningServer, { email, network }: Ask): Promise<number> {
  const answer = await createProxiedFetch(server.port)(`${server.origin}/auth/otp/send`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': network },
    body: JSON.stringify({ email }),
  })
  if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
  return answer.status
}

/** So many ask at once, at each of the servers by turns. Each is sent a code or told when to come again. */
async function askAtOnce(
  servers: readonly RunningServer[],
  asks: readonly Ask[],
): Promise<{ accepted: Ask[] }> {
  const statuses = await Promise.all(
    asks.map((one, at) => ask(servers[at % servers.length] as RunningServer, one)),
  )
  expect(statuses.filter((status) => status !== 202 && status !== 429)).toEqual([])
  return { accepted: asks.filter((_, at) => statuses[at] === 202) }
}

const asks = (count: number, one: (at: number) => Ask) => Array.from({ length: count }, (_, at) => one(at))

test('R51, A10: 300 networks and variants at three servers mail one address its budget, also after a kill', async () => {
  const holdfast = await createInstallation({ TRUST_PROXY: '127.0.0.1' })
  const servers = await startThree(holdfast)
  const everywhere = asks(300, (at) => ({
    email: `a.da+${at}@example.com`,
    network: `198.51.${at >> 8}.${at & 255}`,
  }))

  const { accepted } = await askAtOnce(servers, everywhere)

  expect(accepted).toHaveLength(10)
  await Promise.all(accepted.map(({ email }) => holdfast.mailServer.nextMail(email)))
  await Promise.all(servers.map(({ process }) => process.kill()))
  const again = await startThree(holdfast)
  expect((await askAtOnce(again, everywhere)).accepted).toEqual([])
  await Promise.all(again.map(({ process }) => process.stop()))
  // A server that was killed before it noted the hand-over leaves a second copy, and no other mail.
  expect(new Set(holdfast.mailServer.mails.map(({ messageId }) => messageId)).size).toBe(10)
})

test('R51: what the budget of a network refuses at three servers is missing from no other budget', async () => {
  const holdfast = await createInstallation({ TRUST_PROXY: '127.0.0.1', LIMIT_SENDS_PER_HOUR: '100' })
  const servers = await startThree(holdfast)

  const one = await askAtOnce(
    servers,
    asks(200, (at) => ({ email: `a${at}@example.com`, network: '198.51.0.1' })),
  )
  const others = await askAtOnce(
    servers,
    asks(200, (at) => ({ email: `b${at}@example.com`, network: `198.51.1.${at & 255}` })),
  )

  expect(one.accepted).toHaveLength(60)
  expect(others.accepted).toHaveLength(40)
})
