import { randomBytes } from 'node:crypto'
import Koa from 'koa'
import createKoaSession from 'koa-session'

/*
 * koa-session as its README sets it up, with the fastest store there is: a Map in the same process. Its
 * cookie is signed; the session is loaded, read and compared in each request, and lost with the process.
 */

const sessions = new Map<string, object>()
const app = new Koa()
app.keys = [randomBytes(32).toString('hex')]
const session = createKoaSession(
  {
    signed: true,
    store: {
      get: async (id: string) => sessions.get(id),
      set: async (id: string, value: object) => void sessions.set(id, value),
      destroy: async (id: string) => void sessions.delete(id),
    },
  },
  app,
) as unknown as Koa.Middleware

app.use(session)
app.use(async function answer(ctx) {
  const own = (ctx as unknown as { session: { view?: object } }).session
  if (ctx.path === '/login') own.view = signedInView()
  ctx.body = own.view ?? { state: 'anonymous' }
})
app.listen(Number(process.env.PORT), '127.0.0.1')

function signedInView(): object {
  const id = randomBytes(16).toString('base64url')
  return {
    state: 'signed_in',
    account: { id, email: 'bench-0@example.com' },
    signIn: { id, authTime: new Date().toISOString(), expiresAt: new Date().toISOString(), amr: ['otp'] },
  }
}
