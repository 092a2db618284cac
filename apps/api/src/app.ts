import { join } from 'node:path'
import Router from '@koa/router'
import Koa from 'koa'
import compose from 'koa-compose'
import type { Brand } from './brand/brand.ts'
import type { Config } from './config.ts'
import { logAnswerError } from './http/answer-errors.ts'
import type { PageOptions } from './http/answer-page.ts'
import { bodyFirst } from './http/body-first.ts'
import { createClientNetwork } from './http/client-network.ts'
import { crossOrigin } from './http/cross-origin.ts'
import { addDevRoutes } from './http/dev/dev-routes.ts'
import type { DevServer } from './http/dev/dev-state.ts'
import { embedFiles } from './http/embed-files.ts'
import { hostCheck, oneHost } from './http/host-check.ts'
import type { HttpContext, HttpExtras, HttpMiddleware, HttpState } from './http/http-context.ts'
import { loopbackOnly } from './http/loopback-only.ts'
import { problemErrors } from './http/problem-errors.ts'
import { problemPages } from './http/problem-pages.ts'
import { reissue } from './http/reissue.ts'
import type { RenderPage } from './http/rendered-page.ts'
import { requestLog } from './http/request-log.ts'
import { brandFile } from './http/routes/brand.ts'
import { cancel } from './http/routes/cancel.ts'
import { check } from './http/routes/check.ts'
import { endSession } from './http/routes/end-session.ts'
import { healthz, readyz } from './http/routes/health.ts'
import { jsonRoute } from './http/routes/json-route.ts'
import { listSessions } from './http/routes/list-sessions.ts'
import { logout } from './http/routes/logout.ts'
import { metrics } from './http/routes/metrics.ts'
import { openapi } from './http/routes/openapi.ts'
import { page } from './http/routes/page.ts'
import { readSession } from './http/routes/read-session.ts'
import { resend } from './http/routes/resend.ts'
import { returnTo } from './http/routes/return-to.ts'
import { send } from './http/routes/send.ts'
import { sessionDebug } from './http/routes/session-debug.ts'
import { signInForm } from './http/routes/sign-in-form.ts'
import { verify } from './http/routes/verify.ts'
import { sameOrigin } from './http/same-origin.ts'
import { securityHeaders } from './http/security-headers.ts'
import { session } from './http/session.ts'
import { createSessionCookie, type SessionCookie } from './http/session-cookie.ts'
import { shedLoad } from './http/shed-load.ts'
import { createTokenIssuer } from './http/token-issuer.ts'
import { webApp } from './http/web-app.ts'
import { wellFormedUrl } from './http/well-formed-url.ts'
import type { LiveKeyRing } from './keys/live-key-ring.ts'
import type { Logger } from './logger.ts'
import type { DevMailbox } from './mail/dev-mailbox.ts'
import type { Outbox } from './mail/outbox.ts'
import type { Rejects } from './rejects.ts'
import type { SessionBlobs } from './session-blobs.ts'
import type { SignInContext } from './sign-in/sign-in-context.ts'

export interface AppOptions {
  config: Pick<
    Config,
    | 'isProduction'
    | 'APP_NAME'
    | 'SESSION_ABSOLUTE_SECONDS'
    | 'TRUST_PROXY'
    | 'CORS_ORIGINS'
    | 'RETURN_TO_ORIGINS'
    | 'METRICS_TOKEN'
  >
  logger: Logger
  publicOrigin: URL
  signIn: SignInContext
  keys: LiveKeyRing
  blobs: SessionBlobs
  outbox: Outbox
  rejects: Rejects
  /** Rows that were deleted because they are long over, by table. */
  purged: Iterable<[table: string, rows: number]>
  /** In development only. */
  devMailbox: DevMailbox | undefined
  /** What the operator has made of the page. */
  brand: Brand
  isDraining: () => boolean
  server: DevServer
  /** How many requests may be worked on at once; the probes do not count. */
  mostUnderWay?: number
  /** The built web app. */
  webFolder: string
  renderPage: RenderPage | undefined
}

/** Well above what one busy client has under way, and well below what takes longer than clients wait. */
const mostUnderWayByDefault = 2_000
const probes = ['/healthz', '/readyz', '/metrics']
/** Where the forms of the page go. */
const formPath = '/sign-in'
const notPages = ['/auth', '/dev', '/brand', '/embed', ...probes]

type App = Koa<HttpState, HttpExtras>

/** The whole service as a Koa app that listens nowhere yet: top to bottom, what a request passes through. */
export function createApp(options: AppOptions): App {
  const { config, logger, publicOrigin, mostUnderWay = mostUnderWayByDefault } = options
  const app: App = new Koa<HttpState, HttpExtras>()
  const cookie = createSessionCookie(isHttps(publicOrigin))
  const withSession = createSession(app, cookie, options)
  const router = createRouter(withSession, cookie, options)
  const pages = pageOptions(options)
  const allowLoopback = !config.isProduction

  app.on('error', logAnswerError(logger))
  app.use(requestLog({ logger, onReject: options.rejects.add, everySecond: ['/dev/pulse'] }))
  app.use(securityHeaders({ isHttps: isHttps(publicOrigin) }))
  app.use(wellFormedUrl())
  app.use(notUnder(notPages, problemPages({ ...pages, formPath })))
  app.use(problemErrors(logger))
  app.use(under('/auth', noStore))
  app.use(oneHost)
  app.use(hostCheck({ publicOrigin, allowLoopback, exempt: probes }))
  const callers = config.CORS_ORIGINS
  if (callers.length > 0) {
    app.use(under('/auth', crossOrigin(callers)))
    app.use(under('/embed', crossOrigin(callers)))
  }
  app.use(sameOrigin({ publicOrigin, allowLoopback, alsoFrom: callers }))
  app.use(bodyFirst(formPath))
  app.use(shedLoad({ most: mostUnderWay, exempt: probes, logger, clock: options.signIn.clock }))
  app.use(router.routes()).use(router.allowedMethods())
  app.use(under('/embed', embedFiles(options.webFolder)))
  const showPage = compose([...withSession, page({ ...pages, signIn: options.signIn })])
  app.use(notUnder(notPages, webApp({ folder: join(options.webFolder, 'client'), showPage })))
  return app
}

/** What reads the session of a request, before the routes that need it. */
function createSession(app: App, cookie: SessionCookie, options: AppOptions): HttpMiddleware[] {
  const { config, signIn, keys, blobs } = options
  const { store, keyRing } = signIn
  const maxAgeMs = config.SESSION_ABSOLUTE_SECONDS * 1000
  const issueToken = createTokenIssuer({ keyRing, cookie, maxAgeMs })
  return [
    ...session(app, {
      blobs,
      keyRing,
      keyRingKnowing: keys.knowing,
      onTokenChecked: keys.tokenChecked,
      generation: store.generation,
      cookie,
      maxAgeMs,
      issueToken,
    }),
    reissue({ keyRing, issueToken }),
  ]
}

function createRouter(
  withSession: HttpMiddleware[],
  cookie: SessionCookie,
  options: AppOptions,
): Router<HttpState, HttpExtras> {
  const { config, signIn, keys, devMailbox, outbox } = options
  const { store, clock, watch } = signIn
  const route = { signIn, keys, clientNetwork: createClientNetwork(config.TRUST_PROXY) }
  const router = new Router<HttpState, HttpExtras>({ sensitive: true, strict: true })
  const actions = {
    send: send(route),
    resend: resend(route),
    verify: verify(route),
    cancel: cancel(route),
    logout: logout(route),
  }
  router.get('/auth/session', ...withSession, readSession(route))
  router.post('/auth/otp/send', ...withSession, jsonRoute(actions.send))
  router.post('/auth/otp/resend', ...withSession, jsonRoute(actions.resend))
  router.post('/auth/otp/verify', ...withSession, jsonRoute(actions.verify))
  router.delete('/auth/otp', ...withSession, jsonRoute(actions.cancel))
  router.post('/auth/logout', ...withSession, jsonRoute(actions.logout))
  router.post(formPath, ...withSession, signInForm(route, actions))
  router.get(
    '/auth/return',
    ...withSession,
    returnTo({
      signIn,
      publicOrigin: options.publicOrigin,
      origins: config.RETURN_TO_ORIGINS,
      allowLoopback: !config.isProduction,
    }),
  )
  router.get('/auth/sessions', ...withSession, listSessions(route))
  router.delete('/auth/sessions/:id', ...withSession, endSession(route))
  router.get('/auth/check', ...withSession, check(route))
  router.get(
    '/openapi.json',
    openapi({ appName: config.APP_NAME, origin: options.publicOrigin.origin, cookieName: cookie.name }),
  )
  router.get('/healthz', healthz)
  router.get('/readyz', readyz({ store, clock, isDraining: options.isDraining }))
  router.get(
    '/metrics',
    metrics({
      keys,
      watch,
      rejects: options.rejects,
      outbox,
      purged: options.purged,
      clock,
      token: config.METRICS_TOKEN,
    }),
  )
  router.get('/brand/style.css', brandFile(options.brand.style))
  router.get('/brand/logo', brandFile(options.brand.logo))
  if (!config.isProduction)
    router.get('/auth/session-debug', loopbackOnly, ...withSession, sessionDebug(route))
  if (devMailbox !== undefined) {
    const { server, webFolder } = options
    addDevRoutes(router, { route, withSession, mailbox: devMailbox, outbox, server, webFolder })
  }
  return router
}

function pageOptions({ config, brand, devMailbox, signIn, renderPage }: AppOptions): PageOptions {
  const { style, logo } = brand
  const settings = {
    appName: config.APP_NAME,
    developerMailbox: devMailbox === undefined ? '' : '/dev/mail',
    ...(style === undefined ? {} : { styleUrl: style.url }),
    ...(logo === undefined ? {} : { logo: { url: logo.url, width: logo.width, height: logo.height } }),
  }
  return { settings, clock: signIn.clock, renderPage }
}

function isHttps(publicOrigin: URL): boolean {
  return publicOrigin.protocol === 'https:'
}

/** Nothing under `/auth` may be kept by a browser or a shared cache. */
function noStore(ctx: HttpContext, next: () => Promise<void>): Promise<void> {
  ctx.set({ 'Cache-Control': 'no-store', Vary: 'Cookie, Authorization' })
  return next()
}

function under(prefix: string, middleware: HttpMiddleware): HttpMiddleware {
  return function onlyUnder(ctx, next) {
    return isUnder(prefix, ctx.path) ? middleware(ctx, next) : next()
  }
}

function notUnder(prefixes: readonly string[], middleware: HttpMiddleware): HttpMiddleware {
  return function onlyElsewhere(ctx, next) {
    // In whatever spelling: what stands in front may take it for the same, and keep it as it keeps that.
    const path = ctx.path.toLowerCase()
    return prefixes.some((prefix) => isUnder(prefix, path)) ? next() : middleware(ctx, next)
  }
}

function isUnder(prefix: string, path: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`)
}
