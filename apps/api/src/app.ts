import { join } from 'node:path'
import Koa from 'koa'
import compose from 'koa-compose'
import type { Config } from './config.ts'
import { logAnswerError } from './http/answer-errors.ts'
import type { PageOptions } from './http/answer-page.ts'
import { bodyFirst } from './http/body-first.ts'
import { crossOrigin } from './http/cross-origin.ts'
import { embedFiles } from './http/embed-files.ts'
import { hostCheck, oneHost } from './http/host-check.ts'
import type { HttpContext, HttpExtras, HttpMiddleware, HttpState } from './http/http-context.ts'
import { problemErrors } from './http/problem-errors.ts'
import { problemPages } from './http/problem-pages.ts'
import { reissue } from './http/reissue.ts'
import type { RenderPage } from './http/rendered-page.ts'
import { requestLog } from './http/request-log.ts'
import { createRouter, type RouterOptions } from './http/router.ts'
import { page } from './http/routes/page.ts'
import { formPath } from './http/routes/sign-in-form.ts'
import { sameOrigin } from './http/same-origin.ts'
import { securityHeaders } from './http/security-headers.ts'
import { session } from './http/session.ts'
import { createSessionCookie, type SessionCookie } from './http/session-cookie.ts'
import { shedLoad } from './http/shed-load.ts'
import { createTokenIssuer } from './http/token-issuer.ts'
import { notUnder, under } from './http/under.ts'
import { webApp } from './http/web-app.ts'
import { wellFormedUrl } from './http/well-formed-url.ts'
import type { Logger } from './logger.ts'
import type { SessionBlobs } from './session-blobs.ts'

export interface AppOptions extends RouterOptions {
  config: RouterOptions['config'] & Pick<Config, 'SESSION_ABSOLUTE_SECONDS' | 'CORS_ORIGINS'>
  logger: Logger
  blobs: SessionBlobs
  /** How many requests may be worked on at once; the probes do not count. */
  mostUnderWay?: number
  renderPage: RenderPage | undefined
}

/** Well above what one busy client has under way, and well below what takes longer than clients wait. */
const mostUnderWayByDefault = 2_000
const probes = ['/healthz', '/readyz', '/metrics']
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
  const whichLevel = { everySecond: ['/dev/pulse'], forEach: ['/auth/check'] }
  app.use(requestLog({ logger, onReject: options.rejects.add, ...whichLevel }))
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
  const { maxAttempts } = options.signIn.policy
  app.use(under('/embed', embedFiles({ webFolder: options.webFolder, settings: { maxAttempts } })))
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

function pageOptions({ config, brand, devMailbox, signIn, renderPage }: AppOptions): PageOptions {
  const { style, logo } = brand
  const settings = {
    appName: config.APP_NAME,
    maxAttempts: signIn.policy.maxAttempts,
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
