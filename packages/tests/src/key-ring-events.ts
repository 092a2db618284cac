import type { Installation, LogLine, RunningServer } from '@holdfast/drill'
import { expect } from 'vitest'

/** Resolves once the server uses the ring of this epoch. */
export function ringReloaded({ process }: RunningServer, epoch: unknown): Promise<LogLine> {
  return process.log(({ message, ...line }) => message === 'key ring reloaded' && line.epoch === epoch)
}

/** Resolves once the server has said that it signs with the key, which was not so when it started. */
export function keySigns({ process }: RunningServer, kid: unknown): Promise<LogLine> {
  return process.log(({ signs }) => signs === kid)
}

/** Resolves once the server has refused a ring, with the line that says why. */
export function ringRefused({ process }: RunningServer): Promise<LogLine> {
  return process.log(({ message }) => message.startsWith('key ring not reloaded'))
}

/** `holdfast keys rotate` with further options, and the new key's id. */
export async function rotate(
  holdfast: Installation,
  ...options: string[]
): Promise<{ kid: string; epoch: number }> {
  const rotated = await holdfast.command('keys', 'rotate', '--json', ...options)
  expect(rotated).toMatchObject({ exitCode: 0, stderr: '' })
  return rotated.json as { kid: string; epoch: number }
}

/** Rotates so that the new key signs at once, and has the servers take it over. */
export async function rotateNow(holdfast: Installation, ...servers: RunningServer[]): Promise<string> {
  const { kid } = await rotate(holdfast, '--in', '0')
  for (const server of servers) server.process.signal('SIGHUP')
  await Promise.all(servers.map((server) => keySigns(server, kid)))
  return kid
}
