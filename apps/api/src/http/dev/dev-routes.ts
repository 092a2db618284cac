import type Router from '@koa/router'
import type { DevMailbox } from '../../mail/dev-mailbox.ts'
import type { Outbox } from '../../mail/outbox.ts'
import type { HttpExtras, HttpMiddleware, HttpState } from '../http-context.ts'
import { loopbackOnly } from '../loopback-only.ts'
import type { RouteOptions } from '../routes/route-options.ts'
import { devMail } from './dev-mail.ts'
import { mailHtml } from './dev-mail-html.ts'
import { devMailbox } from './dev-mailbox.ts'
import { createDevPage, devAssets, devOverview } from './dev-page.ts'
import { devPulse } from './dev-pulse.ts'
import { type DevServer, devState } from './dev-state.ts'
import { sessionDebug } from './session-debug.ts'

export interface DevRoutesOptions {
  route: RouteOptions
  withSession: readonly HttpMiddleware[]
  mailbox: DevMailbox
  outbox: Outbox
  server: DevServer
  webFolder: string
}

/** What developers see, in development only, and from the machine that the server runs on. */
export function addDevRoutes(router: Router<HttpState, HttpExtras>, options: DevRoutesOptions): void {
  const { route, withSession, mailbox, outbox, server, webFolder } = options
  const page = createDevPage(webFolder)
  router.get(['/dev', '/dev/'], loopbackOnly, devOverview(page))
  router.get(['/dev/mail', '/dev/mail/'], loopbackOnly, devMail({ mailbox, outbox, page }))
  router.get('/dev/mail/:id/html', loopbackOnly, mailHtml(mailbox))
  router.get('/dev/mailbox', loopbackOnly, devMailbox(mailbox))
  router.get('/dev/state', loopbackOnly, ...withSession, devState(route, server))
  router.get('/dev/pulse', loopbackOnly, devPulse(route.signIn, server))
  router.get('/dev/assets/:file', loopbackOnly, devAssets(webFolder))
  router.get('/auth/session-debug', loopbackOnly, ...withSession, sessionDebug(route))
}
