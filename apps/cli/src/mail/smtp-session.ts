import { once } from 'node:events'
import { checkServerIdentity } from 'node:tls'
import { createReplyMask, type MailLogin } from '@holdfast/settings'
import type { NodemailerError } from 'nodemailer'
import SMTPConnection from 'nodemailer/lib/smtp-connection'
import SMTPTransport from 'nodemailer/lib/smtp-transport'
import { SmtpTranscript } from './smtp-transcript.ts'
import type { TestMail } from './test-mail.ts'

/** The message is taken over by then, or never: no reason to wait long for a farewell. */
const leaveMs = 2_000

export interface SmtpSessionOptions {
  /** Of the connection, as nodemailer takes them. */
  smtp: SMTPTransport.Options & { url: string }
  mail: TestMail
  /** For the whole of it, from the DNS lookup to QUIT. */
  deadlineMs: number
  /** Milliseconds. */
  clock: () => number
}

export interface SmtpSession {
  transcript: SmtpTranscript
  /** `undefined` where the server took the message over. */
  error: NodemailerError | undefined
  /** The step that was unanswered when it failed. */
  failedStep: string | undefined
  host: string
  port: number
  isSecure: boolean
  user: string | undefined
  isLoginOffered: boolean
}

/**
 * Hands one message to the mail server, over a connection of its own, as the pool of a server does it: the same library,
 * the same options. Never throws.
 */
export async function runSmtpSession(options: SmtpSessionOptions): Promise<SmtpSession> {
  const { connection, login, transcript } = prepare(options)
  const deadline = AbortSignal.timeout(options.deadlineMs)
  const fault = await handOver(connection, login, { mail: options.mail, deadline })
  const failedStep = fault && transcript.current?.name
  if (fault !== undefined) transcript.end(howItEnded(fault))
  await quit(connection, deadline)
  transcript.end('no answer')
  return {
    transcript,
    error: fault,
    failedStep,
    host: connection.host,
    port: connection.port,
    isSecure: connection.secureConnection,
    user: shownUser(login?.credentials),
    isLoginOffered: connection.allowsAuth,
  }
}

function prepare({ smtp, clock }: SmtpSessionOptions) {
  // Reads the URL, with everything that can stand in it.
  const transport = new SMTPTransport(smtp)
  const login = transport.getAuth({}) || undefined
  const transcript = new SmtpTranscript({
    clock,
    isSecure: transport.options.secure === true,
    mask: createReplyMask(login?.credentials),
  })
  const connection = new SMTPConnection({
    ...transport.options,
    logger: transcript.logger,
    debug: false,
    transactionLog: true,
    tls: {
      ...transport.options.tls,
      checkServerIdentity(host, certificate) {
        const fault = checkServerIdentity(host, certificate)
        if (fault === undefined) transcript.noteCertificate(certificate)
        return fault
      },
    },
  })
  return { connection, login, transcript }
}

/** Some providers give one token for both. */
function shownUser({ user, pass }: MailLogin = {}): string | undefined {
  return user !== undefined && user === pass ? '(secret)' : user
}

type Step = (done: (error?: NodemailerError | null) => void) => void

/** As the transport of nodemailer does it: who has no use for a login is not told one. */
async function handOver(
  connection: SMTPConnection,
  login: SMTPTransport.AuthenticationType | undefined,
  { mail, deadline }: { mail: TestMail; deadline: AbortSignal },
): Promise<NodemailerError | undefined> {
  const broken = Promise.withResolvers<NodemailerError>()
  connection.on('error', broken.resolve)
  deadline.addEventListener('abort', () => broken.resolve(new Timeout('the deadline has passed')))
  const run = (step: Step) =>
    Promise.race([
      broken.promise,
      new Promise<NodemailerError | undefined>((resolve) => step((error) => resolve(error ?? undefined))),
    ])
  return (
    (await run((done) => connection.connect(done))) ??
    (login !== undefined && connection.allowsAuth
      ? await run((done) => connection.login(login, done))
      : undefined) ??
    (await run((done) => connection.send(mail.envelope, mail.message, done)))
  )
}

class Timeout extends Error {
  override readonly name = 'Timeout'
  readonly code = 'ETIMEDOUT'
}

function howItEnded({ code, originalCode = code, message }: NodemailerError): string {
  return code === 'ETIMEDOUT' ? 'no answer' : `failed (${originalCode ?? message})`
}

/** Takes leave where the line still stands. Whether it is heard matters to nobody. */
async function quit(connection: SMTPConnection, deadline: AbortSignal): Promise<void> {
  if (!connection.destroyed && !deadline.aborted && connection.stage === 'connected') {
    const ended = once(connection, 'end', {
      signal: AbortSignal.any([deadline, AbortSignal.timeout(leaveMs)]),
    })
    connection.quit()
    await ended.catch(() => {})
  }
  connection.close()
}
