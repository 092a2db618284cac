import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync } from 'node:zlib'
import { KeyRing, revokeKey, rotateKeys } from '@holdfast/core'
import type { PageData } from '@holdfast/page-data'
import { openStore, Purge } from '@holdfast/store'
import { createApp } from '../src/app.ts'
import { createAuthenticationLog } from '../src/authentication-log.ts'
import { openBrand } from '../src/brand/open-brand.ts'
import { type Config, loadConfig } from '../src/config.ts'
import { createHttpServer, listen, type ServerLimits, serve } from '../src/http/http-server.ts'
import type { RenderPage } from '../src/http/rendered-page.ts'
import { openKeyRing } from '../src/keys/open-key-ring.ts'
import type { Logger } from '../src/logger.ts'
import type { Mail } from '../src/mail/code-mail.ts'
import { createDevMailbox } from '../src/mail/dev-mailbox.ts'
import { createDevTransport } from '../src/mail/dev-transport.ts'
import type { MailTransport } from '../src/mail/mail-transport.ts'
import { Outbox } from '../src/mail/outbox.ts'
import { Rejects } from '../src/rejects.ts'
import { openSessionBlobs } from '../src/session-blobs.ts'
import { policyOf } from '../src/sign-in/policy.ts'
import type { SignInContext } from '../src/sign-in/sign-in-context.ts'
import { SignInWatch } from '../src/sign-in/sign-in-watch.ts'
import { Browser } from './browser.ts'
import { ChangeableKeySource, recordOf } from './changeable-key-source.ts'
import { portOfItsOwn } from './port-of-its-own.ts'
import { recordLog } from './recorded-log.ts'
import { RecordedMails } from './recorded-mails.ts'

export interface RunningAppOptions {
  /** On top of what a development or production server needs. */
  environment?: Record<string, string>
  isProduction?: boolean
  logger?: Logger
  /** Those that it ships with would cut off what only the machine makes slow. */
  limits?: Partial<ServerLimits>
  mostUnderWay?: number
  /** By default the page is what it is made of, as JSON. */
  renderPage?: RenderPage
  /** How long the store waits for a lock. */
  mostWaitMs?: number
  /** `development`: mails go where a development server sends them. By default they are recorded. */
  mail?: MailTransport | 'development'
  /** Spreads the retries. */
  random?: () => number
  /** Ends hand-overs. By default nothing does. */
  deadlineAfter?: () => AbortSignal
  /** What an app that has ended leaves to the one that comes after it. */
  left?: {
    folder: string
    port: number
    clock: { nowMs: number }
    keySource: ChangeableKeySource
    mails: RecordedMails
  }
}

export const firstSecret = '1f'.repeat(16) + '0123456789abcdef'.repeat(2)
export const secondSecret = 'e0'.repeat(16) + 'fedcba9876543210'.repeat(2)

const noLimits = {
  LIMIT_SENDS_PER_IP_PER_HOUR: '0',
  LIMIT_SENDS_PER_ADDRESS_PER_HOUR: '0',
  LIMIT_SENDS_PER_ADDRESS_PER_DAY: '0',
  LIMIT_SENDS_PER_HOUR: '0',
  LIMIT_WRONG_PER_ADDRESS_PER_DAY: '0',
}
const production = {
  NODE_ENV: 'production',
  SECRET_KEY: firstSecret,
  SMTP_URL: 'smtp://127.0.0.1:9',
  PUBLIC_ORIGIN: 'https://login.example.com',
}

const patientLimits = { headersMs: 600_000, requestMs: 600_000, answerMs: 600_000, idleMs: 600_000 }

export const noDeadline = () => new AbortController().signal

/** The whole server as `main.ts` puts it together, on a free port, with a clock that tests set. */
export async function startApp(options: RunningAppOptions = {}) {
  const { left } = options
  const limits = { ...patientLimits, ...options.limits }
  const folder = left?.folder ?? (await mkdtemp(join(tmpdir(), 'holdfast-api-')))
  const config = configOf({
    DATA_DIR: folder,
    ...noLimits,
    ...(options.isProduction ? production : {}),
    ...options.environment,
  })
  const webFolder = await writeWebFolder(join(folder, 'web'))
  const clock = left?.clock ?? { nowMs: Date.now() }
  const now = () => clock.nowMs
  const startedAtMs = now()
  const log = recordLog({ level: 'debug', format: 'json' })
  const logger = options.logger ?? log.logger
  // Nobody but a test itself holds the lock here: waiting as long as a server does would only take time.
  const store = await openStore(config.storePath, { mostWaitMs: options.mostWaitMs ?? 100 })
  const keySource = left?.keySource ?? new ChangeableKeySource(firstSecret)
  const { live: keys } = await openKeyRing({
    source: keySource,
    store,
    logger,
    clock: now,
    isProduction: config.isProduction,
    reloadMs: config.KEY_RELOAD_SECONDS * 1000,
    idleMs: config.SESSION_IDLE_SECONDS * 1000,
    acceptKeyLoss: false,
  })
  const ring = { keyRing: keys.current, keyRingKnowing: keys.knowing }
  const blobs = await openSessionBlobs(store, ring)
  const server = createHttpServer(limits)
  const port = await listen(server, left?.port ?? (await portOfItsOwn()), '127.0.0.1')
  const publicOrigin = new URL(config.PUBLIC_ORIGIN ?? `http://localhost:${port}`)

  const mails = left?.mails ?? new RecordedMails()
  const devMailbox = config.isProduction ? undefined : createDevMailbox({ store, ...ring, clock: now })
  const transport =
    options.mail === 'development' && devMailbox !== undefined
      ? createDevTransport({ devMailbox, logger, smtp: undefined })
      : typeof options.mail === 'object'
        ? options.mail
        : mails
  const outbox = new Outbox({
    instance: 'theapp',
    store,
    ...ring,
    clock: now,
    logger,
    transport,
    appName: config.APP_NAME,
    publicOrigin,
    random: options.random ?? Math.random,
    deadlineAfter: options.deadlineAfter ?? noDeadline,
  })
  const signIn: SignInContext = {
    store,
    ...ring,
    clock: now,
    policy: policyOf(config),
    wakeOutbox: () => outbox.wake(),
    watch: new SignInWatch(logger),
    tell: createAuthenticationLog(logger, store.pseudonymKey),
  }
  const rejects = new Rejects({ store, clock: now })
  const purge = new Purge({ store, clock: now })
  await purge.open()
  let isDraining = false
  const app = createApp({
    config,
    logger,
    publicOrigin,
    signIn,
    keys,
    blobs,
    outbox,
    rejects,
    purged: purge.counts,
    devMailbox,
    brand: await openBrand(config),
    isDraining: () => isDraining,
    server: { version: '0.0.0', startedAtMs },
    webFolder,
    renderPage: options.renderPage ?? showData,
    ...(options.mostUnderWay === undefined ? {} : { mostUnderWay: options.mostUnderWay }),
  })
  serve(server, app.callback(), limits)
  outbox.start()

  const host = config.isProduction ? publicOrigin.host : `127.0.0.1:${port}`
  let isStoreOpen = true
  function closeStore(): void {
    if (isStoreOpen) store.close()
    isStoreOpen = false
  }

  let hasEnded = false
  async function end(): Promise<void> {
    hasEnded = true
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await outbox.stop(0)
    closeStore()
  }

  /** Resolves once no mail to that address is under way, and what became of each is noted. */
  async function settled(email: string): Promise<void> {
    for (;;) {
      const noneIsLeft = new AbortController()
      const isHandedOver = outbox.nextHandOver(email, noneIsLeft.signal)
      isHandedOver.catch(() => {})
      const underWay = "SELECT 1 FROM codes WHERE email = ? AND delivery = 'queued'"
      if ((await store.query(underWay, [email])).length === 0) return noneIsLeft.abort()
      await isHandedOver
    }
  }

  async function reloaded(): Promise<void> {
    const failuresBefore = keys.reloadFailures
    await keys.reload('SIGHUP')
    if (keys.reloadFailures > failuresBefore) throw new Error('the ring of the test was refused; see the log')
  }

  return {
    blobs,
    clock,
    closeStore,
    config,
    host,
    keySource,
    keys,
    log,
    mails,
    outbox,
    port,
    purge,
    rejects,
    publicOrigin,
    server,
    signIn,
    store,
    storePath: config.storePath,
    newBrowser: () => new Browser({ port, host }),
    /** Sends a code and resolves once its mail is handed over and noted: nothing is under way any more. */
    async beginVerification(browser: Browser, email: string): Promise<Mail> {
      await browser.send(email)
      const mail = await mails.next(email)
      await settled(email)
      return mail
    },
    settled,
    advance(milliseconds: number) {
      clock.nowMs += milliseconds
    },
    /** The first secret signs from now on, the others verify. */
    async rotateTo(signer: string, ...older: string[]) {
      keySource.use(signer, ...older)
      await reloaded()
    },
    /** A new key signs from now on, and those before verify. */
    async rotate() {
      // Of keys that sign from the same moment on, the first does.
      clock.nowMs += 1
      const { nowMs } = clock
      await keySource.change((record) => rotateKeys(record, { nowMs, signsFromMs: nowMs }))
      await reloaded()
    },
    /** A key has leaked; when it was the one that signs, a new one does. */
    async revokeKey(kid = keys.current().signingKid) {
      await keySource.change((record) => revokeKey(record, kid, { nowMs: now() }))
      await reloaded()
    },
    startDraining() {
      isDraining = true
    },
    /** Ends this app. The one that is started with what comes back has its store, keys, clock and port. */
    async leave(): Promise<RunningAppOptions> {
      await end()
      return { ...options, left: { folder, port, clock, keySource, mails } }
    },
    async [Symbol.asyncDispose]() {
      // The folder belongs to the app that was started after this one.
      if (hasEnded) return
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type RunningApp = Awaited<ReturnType<typeof startApp>>

/** A ring in which the first secret signs and the others verify. */
export function ringOf(secret: string, ...older: string[]): KeyRing {
  return new KeyRing(recordOf(secret, ...older), Date.now())
}

/** The web app is another package, with tests of its own; here counts what it is given. */
async function showData(data: PageData): Promise<string> {
  return JSON.stringify(data)
}

async function writeWebFolder(folder: string): Promise<string> {
  await mkdir(join(folder, 'client', 'assets'), { recursive: true })
  await writeFile(join(folder, 'client', 'index.html'), '<!doctype html><!--page-body-->')
  await writeFile(join(folder, 'client', 'favicon.svg'), '<svg/>')
  await writeFile(join(folder, 'client', 'assets', 'app-1a2b3c.js'), 'export {}')
  await writeFile(join(folder, 'client', 'assets', 'app-1a2b3c.js.br'), brotliCompressSync('export {}'))
  await mkdir(join(folder, 'embed', 'assets'), { recursive: true })
  await writeFile(join(folder, 'embed', 'holdfast-sign-in.js'), 'export {}')
  await writeFile(join(folder, 'embed', 'assets', 'en-1a2b3c.js'), 'export {}')
  await mkdir(join(folder, 'dev', 'assets'), { recursive: true })
  await writeFile(join(folder, 'dev', 'dev.html'), '<!doctype html><noscript><!--plain--></noscript>')
  await writeFile(join(folder, 'dev', 'assets', 'dev-1a2b3c.js'), 'export {}')
  return folder
}

function configOf(environment: Record<string, string>): Config {
  const loaded = loadConfig(environment)
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'))
  return loaded.config
}
