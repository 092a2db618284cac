import Koa from 'koa'

/*
 * The least that Koa does for a JSON route: what every Koa server pays before its first own line. The body
 * is as long as a SessionView of somebody who is signed in.
 */

const body = {
  state: 'signed_in',
  account: { id: 'Zm9vYmFyYmF6cXV4Zm9vYg', email: 'bench-0@example.com' },
  signIn: {
    id: 'Zm9vYmFyYmF6cXV4Zm9vYg',
    authTime: '2026-01-01T00:00:00.000Z',
    expiresAt: '2026-01-31T00:00:00.000Z',
    amr: ['otp'],
  },
}

const app = new Koa()
app.use(async function answer(ctx) {
  ctx.body = body
})
app.listen(Number(process.env.PORT), '127.0.0.1')
