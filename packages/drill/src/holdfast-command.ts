import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

// What Node compiles is kept, since these tests run the tool a hundred times.
const compiled = fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url))
const main = fileURLToPath(new URL('../../../apps/cli/bin/holdfast.mjs', import.meta.url))

export interface CommandOptions {
  /** Settings over those of the installation. */
  env?: Record<string, string>
  /** The words of a program that runs it, such as `strace`. */
  under?: readonly string[]
}

/** What one run of `holdfast` did. */
export interface CommandResult {
  /** null after a signal. */
  exitCode: number | null
  stdout: string
  stderr: string
  /** What it printed for machines. Throws when that is no JSON. */
  readonly json: Record<string, unknown>
}

/** Runs the real command line tool to its end. It sees no setting but those in `env`. */
export async function runHoldfast(
  options: CommandOptions & { folder: string; args: readonly string[] },
): Promise<CommandResult> {
  const { folder, env = {}, args, under = [] } = options
  const words = [...under, process.execPath, '--disable-warning=ExperimentalWarning', main, ...args]
  const command = spawn(words[0] as string, words.slice(1), {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(command.stdout),
    text(command.stderr),
    once(command, 'close') as Promise<[number | null]>,
  ])
  return {
    exitCode,
    stdout,
    stderr,
    get json() {
      return JSON.parse(stdout) as Record<string, unknown>
    },
  }
}
