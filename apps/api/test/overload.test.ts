import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { parseAnswers } from './raw-answers.ts'
import { openConnection } from './raw-socket.ts'
import { startApp } from './running-app.ts'

const timeout = 30_000
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

/** So many calls in one write: the server has read the last of them before it has done anything for the first. */
function pipelined(count: number, name: string, ...headers: string[]): string {
  const calls = Array.from({ length: count }, (_, at) => {
    const email = `${name}-${at}@example.com`
    return headOf(email, ...headers, ...(at === count - 1 ? ['Connection: close'] : [])) + bodyOf(email)
  })
  return calls.join('')
}

test('of a burst with bodies as many as can be worked on are served, and the others are refused at once', async () => {
  await using app = await startApp({ mostUnderWay: 20, mostWaitMs: 60_000 })
  const refused = () => app.log.events('http').filter(({ code }) => code === 'overloaded').length
  // With a session the store is asked before a call is begun.
  const browser = app.newBrowser()
  await app.beginVerification(browser, 'ada@example.com')
  const holder = new DatabaseSync(app.storePath)
  holder.exec('BEGIN IMMEDIATE')

  const { socket, closed, answered } = await openConnection(app.port)
  socket.write(pipelined(50, 'person', `Cookie: ${browser.cookie}`))
  await expect.poll(refused, { timeout }).toBe(30)
  holder.close()
  await closed

  const byStatus = Object.groupBy(parseAnswers(answered()), ({ status }) => status)
  expect(byStatus[202]).toHaveLength(20)
  expect(byStatus[503]?.map(({ body }) => JSON.parse(body).code)).toEqual(Array(30).fill('overloaded'))
  expect(await app.store.query('SELECT count(*) AS count FROM verifications', [])).toEqual([{ count: 21 }])
}, 60_000)

test('bodies that come slowly are no load for others, whoever sends them', async () => {
  await using app = await startApp({ mostUnderWay: 5 })
  const email = 'slow@example.com'
  const slow = await Promise.all(Array.from({ length: 50 }, () => openConnection(app.port)))
  for (const { socket } of slow) socket.write(`${headOf(email, 'Expect: 100-continue')}{`)
  await Promise.all(slow.map(({ answer }) => answer))

  expect((await app.newBrowser().send('ada@example.com')).status).toBe(202)
  const [first] = slow
  first?.socket.write(bodyOf(email).slice(1))
  await expect.poll(() => first?.answered(), { timeout }).toContain('HTTP/1.1 202 ')

  for (const { socket } of slow) socket.destroy()
  await Promise.all(slow.map(({ closed }) => closed))
  expect((await app.newBrowser().send('ada@example.com')).status).toBe(202)
}, 60_000)

test('a thousand requests at once are all served', async () => {
  await using app = await startApp()
  const connections = await Promise.all(Array.from({ length: 50 }, () => openConnection(app.port)))
  for (const [at, { socket }] of connections.entries()) socket.write(pipelined(20, `person-${at}`))
  await Promise.all(connections.map(({ closed }) => closed))

  const statuses = connections.flatMap(({ answered }) => parseAnswers(answered()).map(({ status }) => status))
  expect(statuses).toEqual(Array(1_000).fill(202))
}, 60_000)
