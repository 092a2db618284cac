import { randomBytes } from 'node:crypto'
import { Pool } from 'undici'
import { holdfast } from './contestants.ts'
import { type RunningServer, startServer } from './server-process.ts'
import type { TemporaryFolder } from './temporary-folder.ts'

const publicOrigin = 'https://login.example.com'

/** Holdfast as it runs in production: mails go to the mail server alone. */
export function startMailingServer(
  folder: TemporaryFolder,
  smtpPort: number,
  nodeOptions: readonly string[] = [],
): Promise<RunningServer> {
  return startServer(holdfast, {
    folder: folder.next(),
    nodeOptions,
    environment: {
      NODE_ENV: 'production',
      HOST: '127.0.0.1',
      PUBLIC_ORIGIN: publicOrigin,
      SECRET_KEY: randomBytes(32).toString('hex'),
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
      LOG_LEVEL: 'error',
    },
  })
}

/** Asks for a code for each address, so many at a time, and waits behind each for what `afterwards` does. */
export async function askForCodes(
  server: RunningServer,
  addresses: readonly string[],
  { atOnce, afterwards }: { atOnce: number; afterwards?: (address: string) => Promise<void> },
): Promise<void> {
  const pool = new Pool(server.origin, { connections: atOnce })
  const left = addresses.values()
  async function askRepeatedly(): Promise<void> {
    for (const address of left) {
      await askForCode(pool, address)
      await afterwards?.(address)
    }
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, askRepeatedly))
  } finally {
    await pool.close()
  }
}

async function askForCode(pool: Pool, email: string): Promise<void> {
  const { statusCode, body } = await pool.request({
    method: 'POST',
    path: '/auth/otp/send',
    headers: { host: new URL(publicOrigin).host, 'content-type': 'application/json' },
    body: JSON.stringify({ email, transport: 'bearer' }),
  })
  const text = await body.text()
  if (statusCode !== 202) throw new Error(`expected 202 from POST /auth/otp/send, got ${statusCode}: ${text}`)
}
