import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Installation } from './installation.ts'

const server = fileURLToPath(new URL('../../api/bin/holdfast-api.mjs', import.meta.url))
/** These are about other things than keys. */
const otherWarnings = /^(the sign-in page|TRUST_PROXY|the store was made anew)/

/** What production needs beside its key source. */
export const production = {
  NODE_ENV: 'production',
  PUBLIC_ORIGIN: 'https://login.example.com',
  SMTP_URL: 'smtp://127.0.0.1:9',
}

export interface ServerStart {
  /** 0 for a server that listened and was then stopped. */
  exitCode: number
  /** Lines that stopped it, or that it warned with. */
  faults: string[]
}

/** Starts the real server on an installation, and stops it as soon as it listens. */
export async function startServer(
  { folder }: Installation,
  env: Record<string, string> = {},
): Promise<ServerStart> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', server], {
    cwd: folder,
    env: { PATH: process.env.PATH, PORT: '0', HOST: '127.0.0.1', LOG_FORMAT: 'json', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const warnings: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { level, message } = JSON.parse(line)
    if (level === 'warn' && !otherWarnings.test(message)) warnings.push(message)
    if (message.startsWith('Holdfast is ready')) child.kill('SIGTERM')
  })
  const [stderr] = await Promise.all([text(child.stderr), once(child, 'close')])
  const stoppedBy = stderr.split('\n').filter((line) => line !== '')
  return {
    exitCode: child.exitCode ?? -1,
    faults: [...warnings, ...stoppedBy.map((line) => line.replace(/^holdfast cannot start: /, ''))],
  }
}
