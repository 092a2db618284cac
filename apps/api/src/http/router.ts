import Router from '@koa/router'
import type { Brand } from '../brand/brand.ts'
import type { Config } from '../config.ts'
import type { LiveKeyRing } from '../keys/live-key-ring.ts'
import type { DevMailbox } from '../mail/dev-mailbox.ts'
import type { Outbox } from '../mail/outbox.ts'
import type { Rejects } from '../rejects.ts'
import type { SignInContext } from '../sign-in/sign-in-context.ts'
import { createClientNetwork } from './client-network.ts'
import { addDevRoutes } from './dev/dev-routes.ts'
import type { DevServer } from './dev/dev-state.ts'
import type { HttpExtras, HttpMiddleware, HttpState } from './http-context.ts'
import { begunByName, namedForm, namedRequest } from './named-request.ts'
import { brandFile } from './routes/brand.ts'
import { cancel } from './routes/cancel.ts'
import { check } from './routes/check.ts'
import { endSession } from './routes/end-session.ts'
import { healthz, readyz } from './routes/health.ts'
import { jsonRoute } from './routes/json-route.ts'
import { listSessions } from './routes/list-sessions.ts'
import { logout } from './routes/logout.ts'
import { metrics } from './routes/metrics.ts'
import { openapi } from './routes/openapi.ts'
import { readSession } from './routes/read-session.ts'
import { resend } from './routes/resend.ts'
import { returnTo } from './routes/return-to.ts'
import { send } from './routes/send.ts'
import { formPath, signInForm } from './routes/sign-in-form.ts'
import { verify } from './routes/verify.ts'
import type { SessionCookie } from './session-cookie.ts'

export interface RouterOptions {
  config: Pick<Config, 'isProduction' | 'APP_NAME' | 'TRUST_PROXY' | 'RETURN_TO_ORIGINS' | 'METRICS_TOKEN'>
  publicOrigin: URL
  signIn: SignInContext
  keys: LiveKeyRing
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
  /** The built web app. */
  webFolder: string
}

/** What is answered at which address. `withSession` reads the session of a request, for the routes that need it. */
export function createRouter(
  withSession: HttpMiddleware[],
  cookie: SessionCookie,
  options: RouterOptions,
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
  router.post('/auth/otp/send', namedRequest, begunByName(signIn), ...withSession, jsonRoute(actions.send))
  router.post('/auth/otp/resend', namedRequest, ...withSession, jsonRoute(actions.resend))
  router.post('/auth/otp/verify', ...withSession, jsonRoute(actions.verify))
  router.delete('/auth/otp', ...withSession, jsonRoute(actions.cancel))
  router.post('/auth/logout', ...withSession, jsonRoute(actions.logout))
  router.post(formPath, namedForm, begunByName(signIn), ...withSession, signInForm(route, actions))
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
  if (devMailbox !== undefined) {
    const { server, webFolder } = options
    addDevRoutes(router, { route, withSession, mailbox: devMailbox, outbox, server, webFolder })
  }
  return router
}
