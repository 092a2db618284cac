import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { hangingMs } from './hanging.ts'
import { parseAnswers } from './raw-answers.ts'
import { openConnection } from './raw-socket.ts'
import { type RunningApp, startApp } from './running-app.ts'

type RawConnection = Awaited<ReturnType<typeof openConnection>>

const bodyOf = (email: string) => JSON.stringify({ email })

function headOf(email: string, ...more: string[]): string {
  return [
    'POST /auth/otp/send HTTP/1.1',
    'Host: localhost',
    'Content-Type: application/json',
    `Content-Length: ${bodyOf(email).length}`,
    ...more,
    '\r\n',
  ].join('\r\n')
}

/** So many calls at once, each on a connection of its own. */
async function burst(app: RunningApp, count: number, ...headers: string[]): Promise<RawConnection[]> {
  const connections = await Promise.all(Array.from({ length: count }, () => openConnection(app.port)))
  for (const [at, { socket }] of connections.entries()) {
    const email = `person-${at}@example.com`
    socket.write(headOf(email, 'Connection: close', ...headers) + bodyOf(email))
  }
  return connections
}

function answersOf(connections: readonly RawConnection[]) {
  return connections.flatMap(({ answered }) => parseAnswers(answered()))
}

test('of a burst with bodies as many as can be worked on are served, and the others are refused at once', async () => {
  await using app = await startApp({ mostUnderWay: 20, mostWaitMs: 600_000 })
  const refused = () => app.log.events('http').filter(({ code }) => code === 'overloaded').length
  // With a session the store is asked before a call is begun.
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  const holder = new DatabaseSync(app.storePath)
  holder.exec('BEGIN IMMEDIATE')

  const connections = await burst(app, 50, `Cookie: ${browser.cookie}`)
  await expect.poll(refused, { timeout: hangingMs }).toBe(30)
  holder.close()
  await Promise.all(connections.map(({ closed }) => closed))

  const byStatus = Object.groupBy(answersOf(connections), ({ status }) => status)
  expect(byStatus[202]).toHaveLength(20)
  expect(byStatus[503]?.map(({ body }) => JSON.parse(body).code)).toEqual(Array(30).fill('overloaded'))
  expect(await app.store.query('SELECT count(*) AS count FROM verifications', [])).toEqual([{ count: 21 }])
})

test('bodies that come slowly are no load for others, whoever sends them', async () => {
  await using app = await startApp({ mostUnderWay: 5 })
  const email = 'slow@example.com'
  const slow = await Promise.all(Array.from({ length: 50 }, () => openConnection(app.port)))
  for (const { socket } of slow) socket.write(`${headOf(email, 'Expect: 100-continue')}{`)
  await Promise.all(slow.map(({ answer }) => answer))

  expect((await app.newBrowser().send('ada@example.com')).status).toBe(202)
  const [first] = slow
  first?.socket.write(bodyOf(email).slice(1))
  await expect.poll(() => first?.answered(), { timeout: hangingMs }).toContain('HTTP/1.1 202 ')

  for (const { socket } of slow) socket.destroy()
  await Promise.all(slow.map(({ closed }) => closed))
  expect((await app.newBrowser().send('ada@example.com')).status).toBe(202)
})

test('a thousand requests at once are all served', async () => {
  await using app = await startApp()
  const connections = await burst(app, 1_000)
  await Promise.all(connections.map(({ closed }) => closed))

  expect(answersOf(connections).map(({ status }) => status)).toEqual(Array(1_000).fill(202))
})
