import type { KeyRing } from '@holdfast/core'
import Router from '@koa/router'
import Koa from 'koa'
import type { Config } from './config.ts'
import { createClientNetwork } from './http/client-network.ts'
import { hostCheck } from './http/host-check.ts'
import type { HttpContext, HttpExtras, HttpMiddleware, HttpState } from './http/http-context.ts'
import { problemErrors } from './http/problem-errors.ts'
import { reissue } from './http/reissue.ts'
import { requestLog } from './http/request-log.ts'
import { cancel } from './http/routes/cancel.ts'
import { devMail } from './http/routes/dev-mail.ts'
import { healthz, readyz } from './http/routes/health.ts'
import { logout } from './http/routes/logout.ts'
import { readSession } from './http/routes/read-session.ts'
import { resend } from './http/routes/resend.ts'
import { send } from './http/routes/send.ts'
import { sessionDebug } from './http/routes/session-debug.ts'
import { verify } from './http/routes/verify.ts'
import { sameSite } from './http/same-site.ts'
import { securityHeaders } from './http/security-headers.ts'
import { session } from './http/session.ts'
import { createSessionCookie } from './http/session-cookie.ts'
import { webApp } from './http/web-app.ts'
import type { Logger } from './logger.ts'
import type { DevMailbox } from './mail/dev-mailbox.ts'
import type { Outbox } from './mail/outbox.ts'
import type { SignInContext } from './sign-in/sign-in-context.ts'
import type { SessionBlobs } from './store/session-blobs.ts'

export interface AppOptions {
  config: Pick<Config, 'isProduction' | 'SESSION_ABSOLUTE_SECONDS' | 'TRUST_PROXY'>
  logger: Logger
  publicOrigin: URL
  signIn: SignInContext
  keyRing: () => KeyRing
  blobs: SessionBlobs
  outbox: Outbox
  /** In development only. */
  mailbox: DevMailbox | undefined
  isDraining: () => boolean
  webFolder: string
}

type App = Koa<HttpState, HttpExtras>
type AppRouter = Router<HttpState, HttpExtras>

/** The whole service as a Koa app that listens nowhere yet: top to bottom, what a request passes through. */
export function createApp(options: AppOptions): App {
  const { config, logger, publicOrigin } = options
  const app: App = new Koa<HttpState, HttpExtras>()
  const health = healthRoutes(options)
  const auth = authRoutes(app, options)
  const dev = devRoutes(options)

  app.use(requestLog(logger))
  app.use(securityHeaders({ isHttps: publicOrigin.protocol === 'https:' }))
  app.use(problemErrors(logger))
  app.use(health.routes()).use(health.allowedMethods())
  app.use(hostCheck({ publicOrigin, allowLoopback: !config.isProduction }))
  app.use(under('/auth', noStore))
  app.use(sameSite({ publicOrigin }))
  app.use(auth.routes()).use(auth.allowedMethods())
  app.use(dev.routes()).use(dev.allowedMethods())
  app.use(notUnder(['/auth', '/dev'], webApp({ folder: options.webFolder })))
  return app
}

function healthRoutes({ signIn, isDraining }: AppOptions): AppRouter {
  const router: AppRouter = new Router()
  router.get('/healthz', healthz)
  router.get('/readyz', readyz({ store: signIn.store, clock: signIn.clock, isDraining }))
  return router
}

function authRoutes(app: App, { config, signIn, keyRing, blobs, publicOrigin }: AppOptions): AppRouter {
  const route = { signIn, clientNetwork: createClientNetwork(config.TRUST_PROXY) }
  const router: AppRouter = new Router({ prefix: '/auth' })
  router.use(
    ...session(app, {
      blobs,
      keyRing,
      generation: signIn.store.generation,
      cookie: createSessionCookie(publicOrigin.protocol === 'https:'),
      maxAgeMs: config.SESSION_ABSOLUTE_SECONDS * 1000,
    }),
  )
  router.use(reissue({ keyRing, store: signIn.store }))
  router.post('/otp/send', send(route))
  router.post('/otp/resend', resend(route))
  router.post('/otp/verify', verify(route))
  router.delete('/otp', cancel(route))
  router.get('/session', readSession(route))
  router.post('/logout', logout(route))
  if (!config.isProduction) router.get('/session-debug', sessionDebug(route))
  return router
}

function devRoutes({ mailbox, outbox }: AppOptions): AppRouter {
  const router: AppRouter = new Router()
  if (mailbox !== undefined) router.get('/dev/mail', devMail({ mailbox, outbox }))
  return router
}

/** Nothing under `/auth` may be kept by a browser or a shared cache. (R36) */
async function noStore(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
  ctx.set({ 'Cache-Control': 'no-store', Vary: 'Cookie, Authorization' })
  await next()
}

function under(prefix: string, middleware: HttpMiddleware): HttpMiddleware {
  return async function onlyUnder(ctx, next) {
    return isUnder(prefix, ctx.path) ? middleware(ctx, next) : next()
  }
}

function notUnder(prefixes: readonly string[], middleware: HttpMiddleware): HttpMiddleware {
  return async function onlyElsewhere(ctx, next) {
    return prefixes.some((prefix) => isUnder(prefix, ctx.path)) ? next() : middleware(ctx, next)
  }
}

function isUnder(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
