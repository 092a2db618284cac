import type { Pool } from 'undici'

export interface SignedIn {
  /** The cookie header of the session that is signed in. */
  cookie: string
}

interface Answer {
  status: number
  cookie: string | undefined
  body: unknown
}

/**
 * One whole sign-in as a browser makes it: ask for a code, read the mail, verify, look at the session.
 *
 * @throws {Error} when any step answers something else than it should
 */
export async function signInOnce(pool: Pool, email: string): Promise<SignedIn> {
  const sent = await call(pool, 'POST', '/auth/otp/send', { body: { email } })
  expectStatus(sent, 202, 'POST /auth/otp/send')
  const mails = await call(pool, 'GET', `/dev/mail?to=${encodeURIComponent(email)}`, {})
  expectStatus(mails, 200, 'GET /dev/mail')
  const verified = await call(pool, 'POST', '/auth/otp/verify', {
    cookie: sent.cookie,
    body: { code: codeIn(mails.body) },
  })
  expectStatus(verified, 200, 'POST /auth/otp/verify')
  const { cookie } = verified
  if (cookie === undefined) throw new Error('expected a new cookie from /auth/otp/verify, got none')
  const session = await call(pool, 'GET', '/auth/session', { cookie })
  const { state, account } = session.body as { state: string; account?: { email: string } }
  if (state !== 'signed_in' || account?.email !== email) {
    throw new Error(`expected GET /auth/session to say signed_in, got ${state}`)
  }
  return { cookie }
}

/** One call, with the answer read to its end. */
export async function call(
  pool: Pool,
  method: 'GET' | 'POST',
  path: string,
  options: { cookie?: string | undefined; body?: object },
): Promise<Answer> {
  const answer = await pool.request({
    method,
    path,
    headers: {
      ...(options.cookie === undefined ? {} : { cookie: options.cookie }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  return {
    status: answer.statusCode,
    cookie: cookieOf(answer.headers['set-cookie']),
    body: await answer.body.json(),
  }
}

function cookieOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  return [header]
    .flat()
    .map((line) => line.split(';', 1)[0])
    .join('; ')
}

function codeIn(mails: unknown): string {
  const [newest] = mails as { text: string }[]
  const code = /^\d+$/m.exec(newest?.text ?? '')?.[0]
  if (code === undefined) throw new Error('expected a mail with a code in the developer mailbox, found none')
  return code
}

function expectStatus(answer: Answer, status: number, what: string): void {
  if (answer.status === status) return
  throw new Error(`expected ${status} from ${what}, got ${answer.status}: ${JSON.stringify(answer.body)}`)
}
