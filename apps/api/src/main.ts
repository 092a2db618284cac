import { fileURLToPath } from 'node:url'
import { openKeySource } from '@holdfast/key-sources'
import { ignoredNames, isLoopback, isLoopbackAddress, misspeltNames } from '@holdfast/settings'
import { openStore, Purge, type StoreAlarm, StoreFileError } from '@holdfast/store'
import packageJson from '../package.json' with { type: 'json' }
import { createApp } from './app.ts'
import { createAuthenticationLog } from './authentication-log.ts'
import { openBrand } from './brand/open-brand.ts'
import { type Config, loadConfig } from './config.ts'
import { createHttpServer, drain, listen, serve } from './http/http-server.ts'
import { loadRenderPage } from './http/rendered-page.ts'
import { openKeyRing } from './keys/open-key-ring.ts'
import { createLogger } from './logger.ts'
import { openMail, openMailTemplates, openSmtp } from './mail/open-mail.ts'
import { noteStore } from './note-store.ts'
import { Rejects } from './rejects.ts'
import { nameInstance, recordLife } from './server-life.ts'
import { openSessionBlobs } from './session-blobs.ts'
import { policyOf } from './sign-in/policy.ts'
import { SignInWatch } from './sign-in/sign-in-watch.ts'
import { StartFault } from './start-fault.ts'
import { stopOnSignal } from './stop-on-signal.ts'

/** What is under way at a stop may finish within this; the whole stop has ten seconds. */
const graceMs = 7_000
const acceptKeyLoss = '--accept-key-loss'
const webFolder = fileURLToPath(new URL('../../web/dist', import.meta.url))

// The store and the key ring are for this user alone.
process.umask(0o077)

try {
  const unknown = process.argv.slice(2).filter((argument) => argument !== acceptKeyLoss)
  if (unknown.length > 0) throw new StartFault([`unknown argument; there is none but ${acceptKeyLoss}`])
  const loaded = loadConfig(process.env)
  // A variable that is misspelt may be the very reason why another one is missed.
  const ignored = ignoredNames(misspeltNames(process.env))
  if (!loaded.ok) throw new StartFault([...loaded.faults, ...ignored])
  // Nothing that is started from here, and no crash report, inherits what is secret.
  delete process.env.SECRET_KEY
  delete process.env.SECRET_KEY_FALLBACKS
  delete process.env.METRICS_TOKEN
  delete process.env.SMTP_URL
  const options = { acceptKeyLoss: process.argv.includes(acceptKeyLoss), ignored }
  await start(loaded.config, options).catch((error: unknown) => {
    throw asStartFault(loaded.config.storePath, error)
  })
} catch (error) {
  const isFault = error instanceof StartFault
  const lines = isFault ? error.faults : [(error as Error).stack ?? String(error)]
  for (const line of lines) process.stderr.write(`holdfast cannot start: ${line}\n`)
  process.exit(isFault ? error.exitCode : 1)
}

interface StartOptions {
  acceptKeyLoss: boolean
  /** What was set and means nothing, in words. */
  ignored: readonly string[]
}

async function start(config: Config, options: StartOptions): Promise<void> {
  const clock = Date.now
  const startedAtMs = clock()
  const instance = nameInstance()
  const logger = createLogger({
    level: config.LOG_LEVEL,
    format: config.LOG_FORMAT ?? (process.stdout.isTTY ? 'pretty' : 'json'),
  })

  for (const line of options.ignored) logger.warn(line)

  const templates = await openMailTemplates(config)
  const renderPage = await loadRenderPage(webFolder)
  const smtp = await openSmtp(config)
  const brand = await openBrand(config)
  const onAlarm = ({ message, isOver }: StoreAlarm) => logger.log(isOver ? 'warn' : 'error', message)
  const store = await openStore(config.storePath, { onAlarm })
  const purge = new Purge({
    store,
    clock,
    onError: (error) => logger.warn('what is over was not deleted; tried again', { cause: error.message }),
  })
  await purge.open()
  const source = await openKeySource(config.keySource, {
    environment: process.env,
    waitMs: config.KEY_SERVICE_WAIT_SECONDS * 1000,
    onRetry: (error, retryInMs) =>
      logger.warn('key service asked again', { cause: error.message, retryInMs }),
  })
  const { live: keys, created } = await openKeyRing({
    acceptKeyLoss: options.acceptKeyLoss,
    source,
    store,
    logger,
    clock,
    isProduction: config.isProduction,
    reloadMs: config.KEY_RELOAD_SECONDS * 1000,
    idleMs: config.SESSION_IDLE_SECONDS * 1000,
  })
  noteStore(store, { record: keys.record, nowMs: clock(), logger })
  process.on('SIGHUP', () => keys.reload('SIGHUP'))
  const ring = { keyRing: keys.current, keyRingKnowing: keys.knowing }
  const blobs = await openSessionBlobs(store, ring)

  const server = createHttpServer()
  // From here to the handler nothing is awaited: a request that came in between would find nobody.
  const port = await listen(server, config.PORT, config.HOST)
  const publicOrigin = new URL(config.PUBLIC_ORIGIN ?? `http://localhost:${port}`)
  const { outbox, devMailbox } = openMail({
    config,
    instance,
    store,
    ...ring,
    clock,
    logger,
    publicOrigin,
    smtp,
    templates,
    colors: brand.mailColors,
  })
  const rejects = new Rejects({ store, clock })
  let isDraining = false
  const app = createApp({
    config,
    logger,
    publicOrigin,
    signIn: {
      store,
      ...ring,
      clock,
      policy: policyOf(config),
      wakeOutbox: () => outbox.wake(),
      watch: new SignInWatch(logger),
      tell: createAuthenticationLog(logger, store.pseudonymKey),
    },
    keys,
    blobs,
    outbox,
    rejects,
    purged: purge.counts,
    devMailbox,
    brand,
    isDraining: () => isDraining,
    server: { version: packageJson.version, startedAtMs },
    webFolder,
    renderPage,
  })
  const recording = recordLife({
    instance,
    store,
    storePath: config.storePath,
    version: packageJson.version,
    signingKid: keys.current().signingKid,
    clock,
    logger,
  })
  // Before anybody is served: a signal would otherwise end the process in the middle of what it has taken on.
  stopOnSignal(logger, async () => {
    isDraining = true
    const recorded = recording.catch(() => undefined)
    await Promise.all([drain(server, graceMs), outbox.stop(graceMs), keys.stop(), purge.stop(), recorded])
    // Not waited for by itself: its rows are committed with those of the stop, or given up with them.
    void rejects.stop()
    // Of a start that could not be recorded there is no stop to be told.
    const life = await recorded
    await life?.recordStop()
    store.close()
    await life?.end()
    logger.info('stopped')
  })
  serve(server, app.callback())
  outbox.start()
  keys.start()
  rejects.start()
  purge.start()

  const life = await recording.catch((error: unknown) => {
    if (!isDraining) throw error
  })
  // Whoever stops a server before it is ready wants to hear no more of its start.
  if (life === undefined || isDraining) return
  // What a server that was killed had been handing over is due since it was found.
  outbox.wake()

  if (config.isProduction) {
    if (config.TRUST_PROXY.length === 0) {
      logger.warn('TRUST_PROXY is not set: behind a proxy all clients count as one for the limits')
    }
  } else if (!isLoopback(publicOrigin.hostname)) {
    logger.warn('development posture at a public origin: codes are in this log; set NODE_ENV=production')
  } else if (!isLoopbackAddress(config.HOST)) {
    logger.warn(
      'development posture, open to the network (HOST): codes are in this log; set NODE_ENV=production',
    )
  }
  logger.info('durable', {
    store: `${config.storePath} (SQLite, WAL, an fsync for each commit; ${store.isNew ? 'made now' : 'as it was'})`,
    generation: store.generation,
    instance,
    keys: `${source.name} (${created ? 'made now' : 'read'}; ${keys.current().signingKid} signs)`,
    mails: config.SMTP_URL === undefined ? 'this log and the developer mailbox' : 'SMTP_URL',
  })
  if (renderPage === undefined) logger.warn('the sign-in page is not built; run: npx -y pnpm@12 build')
  logger.info(`Holdfast is ready: open ${publicOrigin.origin}`, { port })
  if (devMailbox !== undefined) {
    logger.info(
      `Mails are at ${publicOrigin.origin}/dev/mail, how it all stands at ${publicOrigin.origin}/dev`,
    )
  }
}

/** What the store answered, in the words of an operator. */
function asStartFault(storePath: string, error: unknown): unknown {
  const fault = StoreFileError.of(storePath, error)
  return fault === undefined ? error : new StartFault([fault.message], fault)
}
