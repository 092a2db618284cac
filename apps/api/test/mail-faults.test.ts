import { readStore } from '@holdfast/store/testing'
import { generate } from 'selfsigned'
import { expect, test } from 'vitest'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { whenItHangs } from './hanging.ts'
import { type MailFault, mailFaults } from './mail-faults.ts'
import { startApp } from './running-app.ts'
import { at, startSmtpPeer } from './smtp-peer.ts'

const email = 'ada@example.com'

/** A whole server whose mail server is the peer, and which gives up a mail when the test says so. */
async function startWithPeer({ script, peer: options, urlOf = (url) => url }: Partial<MailFault>) {
  const peer = await startSmtpPeer({ ...options, ...(script === undefined ? {} : { script }) })
  let deadline = new AbortController()
  const app = await startApp({
    mail: createSmtpTransport({ url: urlOf(peer.url), from: 'Acme <a@example.com>' }),
    deadlineAfter: () => {
      deadline = new AbortController()
      return deadline.signal
    },
  })
  const browser = app.newBrowser()
  const delivery = async () => {
    const { body } = await browser.session()
    return (body as { verification: { delivery: string } }).verification.delivery
  }
  return {
    app,
    peer,
    browser,
    delivery,
    passDeadline: () => deadline.abort(new DOMException('', 'TimeoutError')),
    /** Resolves when the mail was tried once more, and it is noted what came of it. */
    tried: () => app.outbox.nextHandOver(email, whenItHangs()),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await peer[Symbol.asyncDispose]()
    },
    row: () => readStore(app.storePath, 'SELECT tries, sealed IS NULL AS isWiped FROM codes')[0],
  }
}

type Setting = Awaited<ReturnType<typeof startWithPeer>>

/** The person asks for a code, and is answered while the mail server still does what it does. */
async function ask(
  { browser, delivery, peer, tried, passDeadline }: Setting,
  { neverEnds }: Partial<MailFault>,
) {
  const isTried = tried()
  const isMet = peer.act()
  const answer = await browser.send(email)
  expect([answer.status, answer.body]).toMatchObject([202, { verification: { delivery: 'queued' } }])
  if (neverEnds) {
    await isMet
    expect(await delivery()).toBe('queued')
    passDeadline()
  }
  await isTried
}

const idsOf = ({ peer }: Setting) =>
  new Set(peer.mails.map(({ data }) => `${/^Message-ID: .*/im.exec(data)} ${/^\d{6}$/m.exec(data)}`))

test.concurrent.each(mailFaults)('F15: $fault -> $state, and in the end $copies', async (row) => {
  await using setting = await startWithPeer(row)
  const { app, peer, delivery, tried } = setting
  if (row.isGone) await peer.close()
  await ask(setting, row)

  expect(await delivery()).toBe(row.state)
  const isOver = row.state === 'sent' || row.state === 'failed'
  expect(setting.row()).toEqual({ tries: 1, isWiped: isOver ? 1 : 0 })

  peer.behave()
  if (row.isGone) await peer.open()
  app.advance(60_000)
  const isTried = tried()
  isTried.catch(() => {})
  app.outbox.wake()
  if (!isOver) await isTried
  const isSent = row.copies > 0
  expect(setting.row()).toEqual({ tries: isOver ? 1 : 2, isWiped: isSent || isOver ? 1 : 0 })
  expect(await delivery()).toBe(isSent ? 'sent' : row.state)
  expect(peer.mails).toHaveLength(row.copies)
  expect(idsOf(setting).size).toBe(isSent ? 1 : 0)
})

test('F15: a line that breaks in the middle of a mail leaves one copy, whether the rest was under way or not', async () => {
  await using setting = await startWithPeer({ script: at('text', 'hang up') })
  const { app, peer, delivery, tried } = setting
  await ask(setting, {})
  expect(await delivery()).toMatch(/^(delayed|unknown)$/)

  peer.behave()
  app.advance(2_000)
  const isTried = tried()
  app.outbox.wake()
  await isTried
  expect(await delivery()).toBe('sent')
  expect(peer.mails).toHaveLength(1)
})

const asAda = (url: string) => url.replace('//', '//ada:secret@')

test.each([
  ['on this machine, where TLS is asked for', (url: string) => `${asAda(url)}/?requireTLS=true`],
  // Another name for this machine: only loopback names may go without TLS.
  ['on another machine', (url: string) => asAda(url.replace('127.0.0.1', '0.0.0.0'))],
])(
  'R26, A39: a certificate that nobody vouches for is refused %s, and no login is sent',
  async (_, urlOf) => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: '127.0.0.1' }])
    const steps: string[] = []
    await using setting = await startWithPeer({
      peer: { tls: { key, cert }, takesLogins: true },
      urlOf,
      script: (step) => {
        steps.push(step)
        return undefined
      },
    })
    await ask(setting, {})

    expect(await setting.delivery()).toBe('delayed')
    expect(steps).toEqual(['greeting', 'EHLO', 'STARTTLS'])
    expect(setting.app.log.events('error')).toContainEqual(
      expect.objectContaining({
        message: expect.stringContaining('the mail server takes no mails'),
        reply: expect.stringContaining('certificate'),
      }),
    )
  },
)

test('F15: a pooled connection that the server ends with 421 costs no try and makes no second copy', async () => {
  await using setting = await startWithPeer({})
  const { app, browser, peer, delivery, tried, row } = setting
  await ask(setting, {})
  expect(await delivery()).toBe('sent')
  let isFirst = true
  peer.follow((step) => {
    if (step !== 'MAIL' || !isFirst) return undefined
    isFirst = false
    return { reply: '421 4.3.2 going away' }
  })
  app.advance(60_000)
  const isTried = tried()
  await browser.resend()
  await isTried

  expect(await delivery()).toBe('sent')
  expect(peer.mails).toHaveLength(2)
  expect(row()).toEqual({ tries: 1, isWiped: 1 })
})

test('a server that is silent to a whole mail is left alone for a while, and the mail is tried until it is taken', async () => {
  await using setting = await startWithPeer({ script: at('.', 'hang') })
  const { app, peer, delivery, tried, passDeadline, row } = setting
  await ask(setting, { neverEnds: true })
  expect([await delivery(), row()]).toEqual(['unknown', { tries: 1, isWiped: 0 }])
  const [waiting] = readStore(app.storePath, 'SELECT dueAtMs FROM codes')
  expect(waiting?.dueAtMs).toBeGreaterThanOrEqual(app.clock.nowMs + 30_000)

  app.advance(60_000)
  const isTriedAgain = tried()
  const isMet = peer.act()
  app.outbox.wake()
  await isMet
  passDeadline()
  await isTriedAgain
  expect([await delivery(), row()]).toEqual(['unknown', { tries: 2, isWiped: 0 }])

  peer.behave()
  app.advance(120_000)
  const isTaken = tried()
  app.outbox.wake()
  await isTaken
  expect([await delivery(), row()]).toEqual(['sent', { tries: 3, isWiped: 1 }])
  expect(idsOf(setting).size).toBe(1)
})

test('F15: a mail that may have arrived goes on to be one, until a copy is taken over', async () => {
  await using setting = await startWithPeer({ script: at('.', 'hang up') })
  const { app, peer, delivery, tried } = setting
  await ask(setting, {})
  expect(await delivery()).toBe('unknown')

  for (const reply of ['451 4.7.1 greylisted', '550 5.1.1 no such user']) {
    peer.follow(at('RCPT', { reply }))
    app.advance(4_000)
    const isTried = tried()
    app.outbox.wake()
    await isTried
    expect(await delivery()).toBe('unknown')
  }
})
