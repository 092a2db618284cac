import { randomUUID } from 'node:crypto'
import { type DkimKey, envelopeOf, mailHeaders, oneRecipient } from '@holdfast/settings'
import { createTransport } from 'nodemailer'

/** A message as it goes over the line, with its envelope. */
export interface TestMail {
  messageId: string
  envelope: { from: string; to: string[] }
  message: Buffer
}

export interface TestMailOptions {
  from: string
  to: string
  appName: string
  origin: string
  dkim: DkimKey | undefined
  nowMs: number
}

/** Writes the test message, signed where there is a key. No code is in it, and nothing that can be followed. */
export async function writeTestMail(options: TestMailOptions): Promise<TestMail> {
  const { from, to, appName, origin, dkim, nowMs } = options
  const writer = createTransport(
    { streamTransport: true, buffer: true, newline: 'windows', ...(dkim === undefined ? {} : { dkim }) },
    { headers: mailHeaders },
  )
  const messageId = `<test.${randomUUID()}@${new URL(origin).hostname}>`
  const { message } = await writer.sendMail({
    from,
    to: oneRecipient(to),
    subject: `Test message of ${appName}`,
    text: `This is a test message of ${appName} at ${origin}, sent with "holdfast mail test".\n\nWhoever reads it can be sent codes.\n`,
    messageId,
    date: new Date(nowMs),
  })
  if (!Buffer.isBuffer(message)) throw new Error('expected nodemailer to write the message into a buffer')
  return { messageId, envelope: envelopeOf({ from, to }), message }
}
