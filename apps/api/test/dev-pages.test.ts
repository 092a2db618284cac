import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { expectProblem, securityHeaders } from './problem-answer.ts'
import { type RunningApp, startApp } from './running-app.ts'

let app: RunningApp

beforeAll(async () => {
  app = await startApp({ mail: 'development' })
  return () => app[Symbol.asyncDispose]()
})

interface KeptMail {
  id: string
  to: string
  code: string
  html?: string
}

const get = (path: string, headers = {}) => app.newBrowser().call('GET', path, undefined, headers)
const mailboxAbout = async (about: string) =>
  (await get(`/dev/mailbox?about=${encodeURIComponent(about)}`)).body.mails as KeptMail[]

/** Somebody asks for a code, and its mail is in the mailbox. */
async function mailTo(email: string): Promise<KeptMail> {
  await app.newBrowser().send(email)
  await get(`/dev/mail?to=${encodeURIComponent(email)}`)
  const [mail] = await mailboxAbout(email)
  if (mail === undefined) throw new Error('expected the mail in the mailbox')
  return mail
}

test.each(['/dev', '/dev/mail'])(
  '%s is a page with a policy as strict as that of the sign-in page',
  async (path) => {
    const answer = await get(path, { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' })

    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      ...securityHeaders,
      'cache-control': 'no-store',
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(
        /script-src 'self'; style-src 'self';.*base-uri 'none';.*frame-ancestors 'none'; frame-src 'self'$/,
      ),
      'x-frame-options': 'DENY',
    })
    expect(answer.headers['content-security-policy']).not.toContain('unsafe')
  },
)

test('the files of the developer pages are kept for good, and are nowhere else', async () => {
  const answer = await get('/dev/assets/dev-1a2b3c.js')

  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('max-age=31536000,immutable')
  for (const path of ['/assets/dev-1a2b3c.js', '/dev/dev.html', '/dev.html', '/dev/assets/none.js']) {
    expectProblem(await get(path), 404, 'not_found')
  }
})

test.each([
  '/dev/assets/..%2fdev.html',
  '/dev/assets/..%2fassets%2fdev-1a2b3c.js',
  '/dev/assets/%64ev-1a2b3c.js',
  '/dev/assets/..%2f..%2findex.html',
  '/dev/assets/%2e%2e',
])('A37: %s gives nothing away', async (path) => {
  const answer = await get(path)

  expect([400, 403, 404]).toContain(answer.status)
  expect(answer.text).not.toMatch(/<!doctype|export/)
  expect(answer.headers['cache-control'] ?? '').not.toContain('immutable')
})

test.each([
  ['X-Forwarded-For', '192.0.2.7'],
  ['X-Forwarded-For', '127.0.0.1'],
  ['Forwarded', 'for=192.0.2.7'],
  ['Via', '1.1 proxy'],
])('what a proxy passes on (%s: %s) finds no developer page', async (name, value) => {
  const pages = ['', '/', '/mail', '/mail/', '/mail/x/html', '/mailbox', '/state', '/pulse']
  const paths = [...pages.map((page) => `/dev${page}`), '/dev/assets/dev-1a2b3c.js', '/auth/session-debug']
  for (const path of paths) expectProblem(await get(path, { [name]: value }), 404, 'not_found')
})

test('what an open page asks for each second is no line of a log of requests', async () => {
  await get('/dev/pulse')
  await get('/dev/mailbox')
  const pathsAt = (level: string) => app.log.events(level).map(({ path }) => path)
  expect(pathsAt('http')).toContain('/dev/mailbox')
  expect(pathsAt('http')).not.toContain('/dev/pulse')
  expect(pathsAt('debug')).toContain('/dev/pulse')
})

test('the mailbox finds mails by a part of the address, with the code of each', async () => {
  await mailTo('ada.lovelace@example.com')
  await mailTo('grace@example.com')

  const found = await mailboxAbout('Lovelace')
  expect(found).toMatchObject([{ to: 'ada.lovelace@example.com', code: expect.stringMatching(/^\d{6}$/) }])
  expect(found[0]).not.toHaveProperty('html')
  expect(await mailboxAbout('%')).toEqual([])
  expect((await mailboxAbout('')).length).toBeGreaterThanOrEqual(2)
})

test('the HTML of a mail is walled off: an origin of its own, no script, nothing loaded, framed by us alone', async () => {
  const { id, code } = await mailTo('html@example.com')

  const answer = await get(`/dev/mail/${encodeURIComponent(id)}/html`)

  expect(answer.status).toBe(200)
  expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers['content-security-policy']).toBe(
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  )
  expect(answer.text).toContain(code)
})

test.each(['x', '%3Cnone@localhost%3E', '..%2f..'])(
  'the HTML of a mail %s that is not there is 404',
  async (id) => {
    expectProblem(await get(`/dev/mail/${id}/html`), 404, 'not_found')
  },
)

test('the pulse changes with each mail and each entry of the ledger, and not by itself', async () => {
  const pulse = async () => (await get('/dev/pulse')).body
  await mailTo('pulse@example.com')
  const before = await pulse()
  expect(before).toMatchObject({ server: { pid: process.pid, startedAt: expect.stringMatching(/Z$/) } })
  expect(await pulse()).toEqual(before)

  app.advance(1_000)
  await mailTo('pulse@example.com')

  const after = await pulse()
  expect(after.mail).not.toBe(before.mail)
  expect(Number(after.entry)).toBeGreaterThan(Number(before.entry))
  expect(after.server).toEqual(before.server)
})

test.each(['about', 'to'])(
  'without JavaScript, the page of ?%s= shows what the mailbox does: mails by a part of the address',
  async (name) => {
    await mailTo(`lise.${name}@example.com`)
    await mailTo(`marie.${name}@example.com`)

    const { text } = await get(`/dev/mail?${name}=LISE.${name}`, { Accept: 'text/html' })

    expect(text).toContain(`lise.${name}@example.com`)
    expect(text).not.toContain(`marie.${name}@example.com`)
  },
)

test('without a build, and without JavaScript, the mails are there all the same', async () => {
  const { code } = await mailTo('plain@example.com')
  const inNoscript = await get('/dev/mail', { Accept: 'text/html' })
  expect(inNoscript.text).toMatch(/<noscript>.*plain@example\.com.*<\/noscript>/s)

  await rm(join(dirname(app.storePath), 'web', 'dev', 'dev.html'))

  const unbuilt = await get('/dev/mail', { Accept: 'text/html' })
  expect(unbuilt.text).toContain('plain@example.com')
  expect(unbuilt.text).toContain(code)
  expect((await get('/dev', { Accept: 'text/html' })).text).toContain('href="/dev/mail"')
})
