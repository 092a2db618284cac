import { spawnSync } from 'node:child_process'
import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readDkimKey } from '@holdfast/settings'
import { authenticate } from 'mailauth'
import { expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import type { MailTransport } from '../src/mail/mail-transport.ts'
import { openSmtp } from '../src/mail/open-mail.ts'
import { createSmtpTransport } from '../src/mail/smtp-transport.ts'
import { whenItHangs } from './hanging.ts'
import { startSmtpPeer } from './smtp-peer.ts'
import { writeFolder } from './written-folder.ts'

function rsaKey(modulusLength: number) {
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
}

async function readKey(pem: string) {
  const file = join(await writeFolder({ 'dkim.pem': pem }), 'dkim.pem')
  return readDkimKey({ domain: 'example.com', selector: 's1', file })
}

const mail = {
  to: 'ada@example.com',
  subject: 'رمزك',
  text: 'Code:\n\n123456\n',
  html: '<p lang="ar">رمز 123456</p>',
  code: '123456',
  messageId: '<a.1@localhost>',
}

/** What reaches a mail server, as it came. */
async function sendOver(open: (url: string) => MailTransport | Promise<MailTransport>): Promise<string> {
  await using peer = await startSmtpPeer()
  const transport = await open(peer.url)
  await transport.handOver(mail, whenItHangs())
  transport.close()
  return peer.mails[0]?.data.replaceAll('\n', '\r\n') ?? ''
}

/** What a mail server finds out that has the public key from the DNS. */
async function verify(message: string, publicKey: Buffer) {
  const asked: string[] = []
  const { dkim } = await authenticate(message, {
    resolver: async (name) => {
      asked.push(name)
      return [[`v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`]]
    },
    disableArc: true,
    disableDmarc: true,
    disableBimi: true,
  })
  const [signature] = dkim.results
  return { asked, result: signature?.status.result, domain: signature?.signingDomain }
}

test('a mail is signed so that whoever has the public key of the domain can verify it', async () => {
  const { privateKey, publicKey } = rsaKey(2048)
  const read = await readKey(privateKey)
  const dkim = read.ok ? read.key : undefined

  const message = await sendOver((url) => createSmtpTransport({ url, from: 'Acme <code@example.com>', dkim }))
  const verified = await verify(message, publicKey)
  const forged = await verify(message.replace('Message-ID: <a.1', 'Message-ID: <b.1'), publicKey)

  expect(verified.asked).toContain('s1._domainkey.example.com')
  expect(verified).toMatchObject({ result: 'pass', domain: 'example.com' })
  expect(forged.result).toBe('fail')
})

test('the server signs by the three variables', async () => {
  const { privateKey, publicKey } = rsaKey(2048)
  const DKIM_KEY_FILE = join(await writeFolder({ 'dkim.pem': privateKey }), 'dkim.pem')

  const message = await sendOver(async (SMTP_URL) => {
    const loaded = loadConfig({ SMTP_URL, DKIM_DOMAIN: 'acme.example', DKIM_SELECTOR: 's2', DKIM_KEY_FILE })
    const transport = loaded.ok ? await openSmtp(loaded.config) : undefined
    if (transport === undefined) throw new Error('expected settings that a server starts with')
    return transport
  })

  const verified = await verify(message, publicKey)
  expect(verified.asked).toContain('s2._domainkey.acme.example')
  expect(verified).toMatchObject({ result: 'pass', domain: 'acme.example' })
})

test('a key that cannot sign is refused, by its fault and not by its text', async () => {
  const elliptic = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })
  const cases = [String(elliptic), rsaKey(512).privateKey]
  for (const pem of cases) {
    expect(await readKey(pem)).toEqual({ ok: false, fault: 'holds no RSA key of at least 1024 bits' })
  }
  expect(await readKey('secret')).toEqual({ ok: false, fault: 'holds no private key in PEM' })
  const nowhere = await readDkimKey({ domain: 'example.com', selector: 's1', file: '/nowhere/dkim.pem' })
  expect(nowhere).toEqual({ ok: false, fault: 'cannot be read (ENOENT)' })
})

const hasOpenssl = spawnSync('openssl', ['version']).status === 0

test.runIf(hasOpenssl)(
  'the commands of the docs make a key that signs, and one line for its record',
  async () => {
    const docs = await readFile(join(import.meta.dirname, '../../../docs/mail.md'), 'utf8')
    const [, commands = ''] = /```sh\n(openssl genpkey [^`]*)```/.exec(docs) ?? []
    const cwd = await writeFolder({})

    const { stdout } = spawnSync('sh', ['-ec', commands], { cwd, encoding: 'utf8' })

    expect(stdout).toMatch(/^[A-Za-z0-9+/]{300,}={0,2}$/)
    const read = await readDkimKey({ domain: 'example.com', selector: 's1', file: join(cwd, 'dkim.pem') })
    const privateKey = read.ok ? read.key.privateKey : ''
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
    expect(publicKey.toString('base64')).toBe(stdout.trim())
  },
)
