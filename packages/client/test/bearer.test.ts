import { expect, test } from 'vitest'
import { createClient } from '../src/index.ts'
import { answerJson, answerProblem, startAnsweringServer } from './answering-server.ts'

const tokens: Record<string, string> = { '/auth/otp/send': 'first', '/auth/otp/verify': 'second' }

function startTokenServer() {
  return startAnsweringServer((response, { path }) => {
    if (path === '/auth/logout') response.writeHead(204).end()
    else answerJson(response, 200, { state: 'anonymous', token: tokens[path] })
  })
}

test('bearer asks for a token on send, shows the newest one afterwards and drops it on logout', async () => {
  await using server = await startTokenServer()
  const client = createClient({ baseUrl: server.baseUrl, transport: 'bearer' })

  await client.send({ email: 'ada@example.com' })
  await client.verify({ code: '123456' })
  await client.session()
  await client.logout()
  await client.session()

  expect(server.heard[0]?.body).toEqual({ email: 'ada@example.com', transport: 'bearer' })
  expect(server.heard.map(({ headers }) => headers.authorization)).toEqual([
    undefined,
    'Bearer first',
    'Bearer second',
    'Bearer second',
    undefined,
  ])
})

test('the token is kept out of the view', async () => {
  await using server = await startTokenServer()
  const answer = await createClient({ baseUrl: server.baseUrl, transport: 'bearer' }).send({ email: 'a@b.c' })
  expect(JSON.stringify(answer)).not.toContain('first')
})

test('a token of an earlier run is taken up and handed out again', async () => {
  await using server = await startTokenServer()
  const client = createClient({ baseUrl: server.baseUrl, transport: 'bearer', token: 'kept' })
  await client.session()
  expect(server.heard[0]?.headers.authorization).toBe('Bearer kept')
  expect(client.token()).toBe('kept')
})

test('an outage does not drop the token', async () => {
  await using server = await startAnsweringServer((response) =>
    answerProblem(response, { status: 503, code: 'store_unavailable' }),
  )
  const client = createClient({ baseUrl: server.baseUrl, transport: 'bearer', token: 'kept', retries: 0 })
  await client.logout()
  expect(client.token()).toBe('kept')
})

test('with cookies no token is asked for or kept', async () => {
  await using server = await startTokenServer()
  const client = createClient({ baseUrl: server.baseUrl })
  await client.send({ email: 'ada@example.com' })
  expect(server.heard[0]?.body).toEqual({ email: 'ada@example.com' })
  expect(client.token()).toBeUndefined()
})
