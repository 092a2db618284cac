import { spawn } from 'node:child_process'
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
  /** Kills it when it aborts. */
  signal?: AbortSignal
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
  const { folder, env = {}, args, under = [], signal } = options
  const words = [...under, process.execPath, '--disable-warning=ExperimentalWarning', main, ...args]
  const command = spawn(words[0] as string, words.slice(1), {
    cwd: folder,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: compiled, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal, killSignal: 'SIGKILL' }),
  })
  const closed = new Promise<number | null>((resolve, reject) => {
    command.on('close', resolve)
    // That it was killed on demand is no error: the exit code tells.
    command.on('error', (error) => error.name !== 'AbortError' && reject(error))
  })
  const [stdout, stderr, exitCode] = await Promise.all([text(command.stdout), text(command.stderr), closed])
  return {
    exitCode,
    stdout,
    stderr,
    get json() {
      try {
        return JSON.parse(stdout) as Record<string, unknown>
      } catch {
        throw new Error(
          `expected JSON of holdfast ${args.join(' ')}, found exit code ${exitCode}: ${stdout}${stderr}`,
        )
      }
    },
  }
}
